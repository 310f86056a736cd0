//! Names of fields and methods, made from the names of kinds.

/// `NetworkPolicy` → `network_policy`, `HTTPRoute` → `http_route`, `Ipv4Pool` → `ipv4_pool`.
pub(crate) fn snake(kind: &str) -> String {
    let chars: Vec<char> = kind.chars().collect();
    let mut name = String::with_capacity(kind.len() + 4);
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1);
        let starts_word = c.is_uppercase()
            && before.is_some_and(|b| b != '_' && (!b.is_uppercase() || after.is_some_and(|a| a.is_lowercase())));
        if starts_word {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// `ingress` → `ingresses`, `network_policy` → `network_policies`, `endpoints` → `endpoints`.
pub(crate) fn plural(name: &str) -> String {
    const SIBILANT: [&str; 8] = ["ss", "us", "is", "as", "x", "z", "ch", "sh"];
    if SIBILANT.iter().any(|end| name.ends_with(end)) {
        format!("{name}es")
    } else if name.ends_with('s') {
        // `Endpoints`, `Settings`: already many.
        name.to_owned()
    } else if let Some(stem) = name.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    }
}

/// Whether `name` is a plain `snake_case` name: what a field and the end of a method's name must be.
pub(crate) fn is_snake(name: &str) -> bool {
    name.starts_with(|c: char| c.is_lowercase()) && name.chars().all(|c| c == '_' || c.is_numeric() || c.is_lowercase())
}

/// Whether Rust keeps this name for itself.
pub(crate) fn is_keyword(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_err()
}

/// `Deployment` → `a `Deployment``, `Ingress` → `an `Ingress``.
pub(crate) fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
    format!("{article} `{kind}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_of_kinds() {
        for (kind, name) in [
            ("Deployment", "deployment"),
            ("ConfigMap", "config_map"),
            ("NetworkPolicy", "network_policy"),
            ("HTTPRoute", "http_route"),
            ("CSIDriver", "csi_driver"),
            ("ServiceCIDR", "service_cidr"),
            ("IPAddress", "ip_address"),
            ("HTTP2Route", "http2_route"),
            ("Ipv4Pool", "ipv4_pool"),
            ("Already_Snake", "already_snake"),
            ("X", "x"),
            ("", ""),
        ] {
            assert_eq!(snake(kind), name);
        }
    }

    #[test]
    fn plurals() {
        for (one, many) in [
            ("deployment", "deployments"),
            ("config_map", "config_maps"),
            ("ingress", "ingresses"),
            ("ingress_class", "ingress_classes"),
            ("network_policy", "network_policies"),
            ("gateway", "gateways"),
            ("endpoints", "endpoints"),
            ("settings", "settings"),
            ("prometheus", "prometheuses"),
            ("redis", "redises"),
            ("alias", "aliases"),
            ("index", "indexes"),
            ("patch", "patches"),
            ("x", "xes"),
        ] {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn names_that_can_be_fields() {
        assert!(is_snake("tls") && is_snake("ipv4_pool") && is_snake("größe"));
        assert!(!is_snake("Tls") && !is_snake("_tls") && !is_snake("") && !is_snake("1st"));
        assert!(is_keyword("type") && is_keyword("self") && is_keyword("_") && !is_keyword("tls"));
    }
}
