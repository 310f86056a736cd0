//! Hashes whatever can be serialized, without a tree in between.

use std::fmt::{self, Display, Write as _};
use std::hash::{Hash, Hasher};

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Error;

use super::ProjectionHasher;

/// A serializer that feeds a value to a hasher.
///
/// # Guarantees
/// - Values of one type that are serialized differently are hashed differently, as far as a hash can tell: every value
///   begins with what it is ([`Tag`]), a string ends with a byte that no string contains, and everything of any length
///   with [`Tag::End`]. So `("ab", "c")` differs from `("a", "bc")`, `[[1], [2]]` from `[[1, 2]]`, `None` from `Some(())`
///   and from a list without items.
/// - Values that are serialized to the same JSON are hashed alike, but for what JSON alone mixes up: `None`, `()` and
///   `NaN`, or an enum's unit variant and a string. The width of an integer does not count, nor does the sign of zero.
/// - The order of the entries of a map does not count, since that of a `HashMap` is another one for each object. That of
///   lists does.
/// - Like JSON it is a format for people to read: a time is hashed as its text.
///
/// # Caveats
/// A `HashSet` is a list to serde and comes in an order of its own for each object: it looks changed when it is not.
pub(super) struct FieldHasher<'h>(&'h mut ProjectionHasher);

/// What begins here.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    End,
    Bool,
    Integer,
    /// Beyond `i128`.
    Large,
    Float,
    Text,
    Bytes,
    None,
    Some,
    Unit,
    UnitVariant,
    /// The name of a variant; its content follows.
    Variant,
    List,
    Struct,
    /// The name of a field; its value follows.
    Field,
    Map,
}

impl<'h> FieldHasher<'h> {
    pub(super) fn new(hasher: &'h mut ProjectionHasher) -> Self {
        Self(hasher)
    }

    fn tag(&mut self, tag: Tag) {
        self.0.write_u8(tag as u8);
    }

    fn name(&mut self, name: &str) {
        self.0.write(name.as_bytes());
        self.0.write_u8(END_OF_TEXT);
    }

    fn integer(mut self, value: i128) {
        self.tag(Tag::Integer);
        self.0.write_i128(value);
    }

    fn named(mut self, tag: Tag, name: &str) -> Self {
        self.tag(tag);
        self.name(name);
        self
    }

    fn list(mut self) -> Items<'h> {
        self.tag(Tag::List);
        Items(self.0)
    }

    fn fields(mut self) -> Items<'h> {
        self.tag(Tag::Struct);
        Items(self.0)
    }
}

/// No UTF-8 text contains it.
const END_OF_TEXT: u8 = 0xff;

macro_rules! integers {
    ($($method:ident: $ty:ty),* $(,)?) => {$(
        fn $method(self, value: $ty) -> Result<(), Error> {
            self.integer(value.into());
            Ok(())
        }
    )*};
}

impl<'h> Serializer for FieldHasher<'h> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'h>;
    type SerializeTuple = Items<'h>;
    type SerializeTupleStruct = Items<'h>;
    type SerializeTupleVariant = Items<'h>;
    type SerializeMap = Entries<'h>;
    type SerializeStruct = Items<'h>;
    type SerializeStructVariant = Items<'h>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_u128(mut self, value: u128) -> Result<(), Error> {
        match i128::try_from(value) {
            Ok(value) => self.integer(value),
            Err(_) => {
                self.tag(Tag::Large);
                self.0.write_u128(value);
            }
        }
        Ok(())
    }

    fn serialize_bool(mut self, value: bool) -> Result<(), Error> {
        self.tag(Tag::Bool);
        self.0.write_u8(value.into());
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    /// By bits, but for those that mean the same.
    fn serialize_f64(mut self, value: f64) -> Result<(), Error> {
        // Adding zero turns -0.0 into 0.0.
        let bits = if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() };
        self.tag(Tag::Float);
        self.0.write_u64(bits);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.named(Tag::Text, value);
        Ok(())
    }

    /// Piece by piece: the whole text exists nowhere.
    fn collect_str<T: Display + ?Sized>(mut self, value: &T) -> Result<(), Error> {
        struct Pieces<'h>(&'h mut ProjectionHasher);
        impl fmt::Write for Pieces<'_> {
            fn write_str(&mut self, piece: &str) -> fmt::Result {
                self.0.write(piece.as_bytes());
                Ok(())
            }
        }
        self.tag(Tag::Text);
        write!(Pieces(self.0), "{value}").map_err(Error::custom)?;
        self.0.write_u8(END_OF_TEXT);
        Ok(())
    }

    fn serialize_bytes(mut self, value: &[u8]) -> Result<(), Error> {
        self.tag(Tag::Bytes);
        value.hash(self.0);
        Ok(())
    }

    fn serialize_none(mut self) -> Result<(), Error> {
        self.tag(Tag::None);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<(), Error> {
        self.tag(Tag::Some);
        value.serialize(self)
    }

    fn serialize_unit(mut self) -> Result<(), Error> {
        self.tag(Tag::Unit);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.named(Tag::UnitVariant, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self.named(Tag::Variant, variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'h>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'h>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'h>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'h>, Error> {
        Ok(self.named(Tag::Variant, variant).list())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'h>, Error> {
        Ok(Entries { hasher: self.0, entry: ProjectionHasher::new(), count: 0, sum: 0 })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'h>, Error> {
        Ok(self.fields())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'h>, Error> {
        Ok(self.named(Tag::Variant, variant).fields())
    }
}

/// The items of a list, or the fields of a struct: one after another until the end. A field that is skipped is not fed,
/// and so not there.
pub(super) struct Items<'h>(&'h mut ProjectionHasher);

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(FieldHasher(self.0))
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        value.serialize(FieldHasher(self.0).named(Tag::Field, name))
    }

    fn close(self) {
        FieldHasher(self.0).tag(Tag::End);
    }
}

macro_rules! items {
    ($($list:ident: $method:ident),* $(,)?) => {$(
        impl $list for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

items! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

macro_rules! fields {
    ($($fields:ident),*) => {$(
        impl $fields for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

/// The entries of a map, each hashed alone and all summed up.
pub(super) struct Entries<'h> {
    hasher: &'h mut ProjectionHasher,
    /// Of the present entry.
    entry: ProjectionHasher,
    count: u64,
    sum: u128,
}

impl SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.entry = ProjectionHasher::new();
        key.serialize(FieldHasher(&mut self.entry))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(FieldHasher(&mut self.entry))?;
        self.count += 1;
        self.sum = self.sum.wrapping_add(self.entry.finish128());
        Ok(())
    }

    fn end(self) -> Result<(), Error> {
        FieldHasher(self.hasher).tag(Tag::Map);
        (self.count, self.sum).hash(self.hasher);
        Ok(())
    }
}
