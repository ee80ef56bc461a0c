//! The serializer.

use alloc::vec::Vec;

use minicbor::{Decoder, Encoder};
use serde::ser::{
    Error, Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::StorageError;

impl Error for StorageError {
    fn custom<T: core::fmt::Display>(_: T) -> Self {
        Self
    }
}

pub(super) struct Writer {
    to: Encoder<Vec<u8>>,
    /// How many `u8` were written, to know a list of nothing else.
    bytes: usize,
}

impl Writer {
    pub fn new(to: Vec<u8>) -> Self {
        Self {
            to: Encoder::new(to),
            bytes: 0,
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.to.into_writer()
    }

    fn list(&mut self, length: usize) -> Result<List<'_>, StorageError> {
        let (start, bytes) = (self.to.writer().len(), self.bytes);
        self.to
            .array(u64::try_from(length).map_err(|_| StorageError)?)
            .map_err(|_| StorageError)?;
        Ok(List {
            writer: self,
            start,
            bytes,
            length,
        })
    }

    fn variant(&mut self, number: u32) -> Result<(), StorageError> {
        self.to
            .array(2)
            .and_then(|to| to.u32(number))
            .map(|_| ())
            .map_err(|_| StorageError)
    }

    /// The list of `length` that begins at `start`, as a byte string if it is all bytes.
    fn pack(&mut self, start: usize, length: usize) {
        let written = self.to.writer();
        let mut list = Decoder::new(written.get(start..).unwrap_or_default());
        let Ok(Some(_)) = list.array() else { return };
        let Some(bytes) = (0..length)
            .map(|_| list.u8().ok())
            .collect::<Option<Vec<u8>>>()
        else {
            return;
        };
        self.to.writer_mut().truncate(start);
        // Writing to a Vec cannot fail.
        let _ = self.to.bytes(&bytes);
    }
}

/// A list, tuple or struct that is being written.
pub(super) struct List<'a> {
    writer: &'a mut Writer,
    start: usize,
    bytes: usize,
    length: usize,
}

impl List<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), StorageError> {
        value.serialize(&mut *self.writer)
    }

    fn done(self) {
        if self.length > 0 && self.writer.bytes.checked_sub(self.bytes) == Some(self.length) {
            self.writer.pack(self.start, self.length);
        }
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty) => $write:ident),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<(), StorageError> {
            self.to.$write(value).map(|_| ()).map_err(|_| StorageError)
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = StorageError;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = serde::ser::Impossible<(), StorageError>;
    type SerializeStruct = List<'a>;
    type SerializeStructVariant = List<'a>;

    scalars! {
        serialize_bool(bool) => bool,
        serialize_i8(i8) => i8,
        serialize_i16(i16) => i16,
        serialize_i32(i32) => i32,
        serialize_i64(i64) => i64,
        serialize_u16(u16) => u16,
        serialize_u32(u32) => u32,
        serialize_u64(u64) => u64,
        serialize_str(&str) => str,
        serialize_bytes(&[u8]) => bytes,
    }

    fn serialize_u8(self, value: u8) -> Result<(), StorageError> {
        self.bytes = self.bytes.wrapping_add(1);
        self.to.u8(value).map(|_| ()).map_err(|_| StorageError)
    }

    fn serialize_none(self) -> Result<(), StorageError> {
        self.to.null().map(|_| ()).map_err(|_| StorageError)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), StorageError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), StorageError> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), StorageError> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
    ) -> Result<(), StorageError> {
        self.serialize_u32(number)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), StorageError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), StorageError> {
        self.variant(number)?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List<'a>, StorageError> {
        self.list(length.ok_or(StorageError)?)
    }

    fn serialize_tuple(self, length: usize) -> Result<List<'a>, StorageError> {
        self.list(length)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<List<'a>, StorageError> {
        self.list(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        length: usize,
    ) -> Result<List<'a>, StorageError> {
        self.variant(number)?;
        self.list(length)
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<List<'a>, StorageError> {
        self.list(length)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        length: usize,
    ) -> Result<List<'a>, StorageError> {
        self.variant(number)?;
        self.list(length)
    }

    // OpenMLS stores none of these; each would cost code in the page.

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, StorageError> {
        Err(StorageError)
    }

    fn serialize_f32(self, _: f32) -> Result<(), StorageError> {
        Err(StorageError)
    }

    fn serialize_f64(self, _: f64) -> Result<(), StorageError> {
        Err(StorageError)
    }

    fn serialize_char(self, _: char) -> Result<(), StorageError> {
        Err(StorageError)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident),* $(,)?) => {
        $(impl $trait for List<'_> {
            type Ok = ();
            type Error = StorageError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), StorageError> {
                self.element(value)
            }

            fn end(self) -> Result<(), StorageError> {
                self.done();
                Ok(())
            }
        })*
    };
}

lists! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

macro_rules! structs {
    ($($trait:ident),* $(,)?) => {
        $(impl $trait for List<'_> {
            type Ok = ();
            type Error = StorageError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), StorageError> {
                self.element(value)
            }

            fn end(self) -> Result<(), StorageError> {
                self.done();
                Ok(())
            }
        })*
    };
}

structs!(SerializeStruct, SerializeStructVariant);
