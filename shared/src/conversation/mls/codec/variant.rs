//! Enums of which only variants without content are stored.
//!
//! A group's state may hold a whole staged commit. Every commit here is merged by the operation
//! that makes it, so none is ever stored, and the page is spared the code to read and write one.

use core::fmt::Display;

use serde::{
    Deserialize, Serialize,
    de::value::U32Deserializer,
    ser::{Impossible, Serializer},
};

use super::StorageError;

/// The number of a variant without content; an error for any other value.
pub(in super::super) fn number<T: Serialize>(value: &T) -> Result<u32, StorageError> {
    value.serialize(NumberOnly)
}

/// The variant without content that has `number`.
pub(in super::super) fn numbered<T: for<'de> Deserialize<'de>>(
    number: u32,
) -> Result<T, StorageError> {
    T::deserialize(U32Deserializer::<StorageError>::new(number))
}

struct NumberOnly;

type None = Impossible<u32, StorageError>;

macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, StorageError> { Err(StorageError) })*
    };
}

impl Serializer for NumberOnly {
    type Ok = u32;
    type Error = StorageError;
    type SerializeSeq = None;
    type SerializeTuple = None;
    type SerializeTupleStruct = None;
    type SerializeTupleVariant = None;
    type SerializeMap = None;
    type SerializeStruct = None;
    type SerializeStructVariant = None;

    fn serialize_unit_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
    ) -> Result<u32, StorageError> {
        Ok(number)
    }

    refused! {
        serialize_bool(bool) -> u32;
        serialize_i8(i8) -> u32;
        serialize_i16(i16) -> u32;
        serialize_i32(i32) -> u32;
        serialize_i64(i64) -> u32;
        serialize_u8(u8) -> u32;
        serialize_u16(u16) -> u32;
        serialize_u32(u32) -> u32;
        serialize_u64(u64) -> u32;
        serialize_f32(f32) -> u32;
        serialize_f64(f64) -> u32;
        serialize_char(char) -> u32;
        serialize_str(&str) -> u32;
        serialize_bytes(&[u8]) -> u32;
        serialize_none() -> u32;
        serialize_unit() -> u32;
        serialize_unit_struct(&'static str) -> u32;
        serialize_seq(Option<usize>) -> None;
        serialize_tuple(usize) -> None;
        serialize_tuple_struct(&'static str, usize) -> None;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> None;
        serialize_map(Option<usize>) -> None;
        serialize_struct(&'static str, usize) -> None;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> None;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<u32, StorageError> {
        Err(StorageError)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<u32, StorageError> {
        Err(StorageError)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<u32, StorageError> {
        Err(StorageError)
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<u32, StorageError> {
        Err(StorageError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum State {
        Waiting(u8),
        Ready,
        Gone,
    }

    #[test]
    fn only_variants_without_content_have_a_number() {
        assert_eq!(number(&State::Ready), Ok(1));
        assert_eq!(number(&State::Waiting(3)), Err(StorageError));
        assert_eq!(numbered::<State>(2), Ok(State::Gone));
        assert_eq!(numbered::<State>(0), Err(StorageError));
        assert_eq!(numbered::<State>(3), Err(StorageError));
    }
}
