//! What is random, and what tells that a secret has changed without telling anything else.

use ring::hmac::{Context, HMAC_SHA256, Key};
use ring::rand::{SecureRandom, SystemRandom};

/// The system has no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// So many random bytes, in hexadecimal.
///
/// # Errors
/// If the system has none.
pub fn random<const BYTES: usize>() -> Result<String, NoRandomness> {
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(hexadecimal(&bytes))
}

/// A checksum of named values, which changes with each of them. It stands in an annotation, where many may read it; so it is keyed:
/// nobody without the key can try passwords on it.
pub fn checksum<'a>(key: &[u8], values: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, key));
    for (name, value) in values {
        for part in [name.as_bytes(), value] {
            // With the length before it, no part can be taken for two.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
    }
    hexadecimal(&context.sign().as_ref()[..16])
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_have_their_length_and_differ() {
        let [one, other] = [random::<16>().unwrap(), random::<16>().unwrap()];
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }

    #[test]
    fn a_checksum_depends_on_key_names_and_values_and_on_where_one_ends() {
        let sum = |key: &str, values: &[(&str, &str)]| {
            checksum(key.as_bytes(), values.iter().map(|(name, value)| (*name, value.as_bytes())))
        };
        let all = [
            sum("key", &[("a", "1"), ("b", "2")]),
            sum("other", &[("a", "1"), ("b", "2")]),
            sum("key", &[("a", "1"), ("b", "3")]),
            sum("key", &[("a", "1"), ("c", "2")]),
            sum("key", &[("a", "1b"), ("", "2")]),
            sum("key", &[("a", "1")]),
        ];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len(), "{all:?}");
        assert_eq!(all[0], sum("key", &[("a", "1"), ("b", "2")]));
        assert_eq!(all[0].len(), 32);
    }
}
