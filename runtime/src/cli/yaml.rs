//! Objects as YAML.

use serde::Serialize;

use super::failure::Failure;

/// One document for each object.
pub(super) fn documents<T: Serialize>(objects: &[T]) -> Result<String, Failure> {
    let documents = objects.iter().map(|object| {
        // By way of JSON, so that what is null or absent looks the same for every type.
        let json = serde_json::to_value(object).map_err(Failure::output)?;
        serde_saphyr::to_string(&json).map_err(Failure::output)
    });
    let documents: Vec<String> = documents.collect::<Result<_, _>>()?;
    Ok(documents.join("---\n"))
}
