//! A custom resource that asks much of the API server: defaults, and each type of list.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A palette. What is not set is written as null, except for the size.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Palette", namespaced)]
pub struct PaletteSpec {
    /// Its name for people.
    pub title: String,
    /// 5, unless it is set.
    #[schemars(schema_with = "five")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// A list that is replaced as a whole.
    pub notes: Option<Vec<String>>,
    /// A map that is merged.
    pub sizes: Option<BTreeMap<String, i64>>,
    /// A list of structs that is replaced as a whole, and whose items have a default.
    pub colors: Option<Vec<Color>>,
    /// A set, which is merged.
    #[schemars(schema_with = "tags")]
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// A list that is merged, by two keys, one of which has a default.
    #[schemars(schema_with = "spots")]
    #[serde(default)]
    pub spots: Option<Vec<Spot>>,
}

/// A color.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Color {
    /// What it is called.
    pub name: String,
    /// 5, unless it is set.
    #[schemars(schema_with = "five")]
    pub shade: Option<i64>,
}

/// A spot of color.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Spot {
    /// Where it is.
    pub name: String,
    /// `main`, unless it is set.
    pub layer: Option<String>,
    /// How large it is; 5, unless it is set.
    pub size: Option<i64>,
}

fn five(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "default": 5 })
}

fn tags(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string" }, "nullable": true, "x-kubernetes-list-type": "set" })
}

fn spots(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "nullable": true,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "layer"],
        "items": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string" },
                "layer": { "type": "string", "default": "main" },
                "size": { "type": "integer", "default": 5 },
            },
        },
    })
}
