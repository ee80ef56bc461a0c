//! The deserializer: what [`super::write`] writes, and nothing else.

use minicbor::{Decoder, data::Type};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, SeqAccess, VariantAccess, Visitor,
};

use super::StorageError;

impl Error for StorageError {
    fn custom<T: core::fmt::Display>(_: T) -> Self {
        Self
    }
}

pub(super) struct Reader<'de> {
    from: Decoder<'de>,
    /// The next `u8` is an element of a byte string.
    in_bytes: bool,
}

impl<'de> Reader<'de> {
    pub fn new(cbor: &'de [u8]) -> Self {
        Self {
            from: Decoder::new(cbor),
            in_bytes: false,
        }
    }

    pub fn is_at_end(&self) -> bool {
        self.from.position() == self.from.input().len()
    }

    fn next_type(&self) -> Result<Type, StorageError> {
        self.from.datatype().map_err(|_| StorageError)
    }

    fn take_null(&mut self) -> Result<bool, StorageError> {
        let is_null = self.next_type()? == Type::Null;
        if is_null {
            self.from
                .set_position(self.from.position().saturating_add(1));
        }
        Ok(is_null)
    }

    /// The head of a list or byte string, so that its elements come next.
    fn list(&mut self) -> Result<List<'_, 'de>, StorageError> {
        let (left, of_bytes) = match self.next_type()? {
            Type::Bytes => {
                let bytes = self.from.bytes().map_err(|_| StorageError)?.len();
                let start = self
                    .from
                    .position()
                    .checked_sub(bytes)
                    .ok_or(StorageError)?;
                self.from.set_position(start);
                (bytes, true)
            }
            _ => {
                let length = self.from.array().ok().flatten().ok_or(StorageError)?;
                (usize::try_from(length).map_err(|_| StorageError)?, false)
            }
        };
        Ok(List {
            reader: self,
            left,
            of_bytes,
        })
    }

    /// A list from which `visitor` must take every element.
    fn visit_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, StorageError> {
        let mut list = self.list()?;
        let value = visitor.visit_seq(&mut list)?;
        if list.left == 0 {
            Ok(value)
        } else {
            Err(StorageError)
        }
    }

    fn byte(&mut self) -> Result<u8, StorageError> {
        if !self.in_bytes {
            return self.from.u8().map_err(|_| StorageError);
        }
        let at = self.from.position();
        let byte = self.from.input().get(at).copied().ok_or(StorageError)?;
        self.from.set_position(at.saturating_add(1));
        Ok(byte)
    }
}

/// Elements of a list that are still to come.
struct List<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
    of_bytes: bool,
}

impl<'de> SeqAccess<'de> for &mut List<'_, 'de> {
    type Error = StorageError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, StorageError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        self.reader.in_bytes = self.of_bytes;
        let element = seed.deserialize(&mut *self.reader);
        self.reader.in_bytes = false;
        element.map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    holds_something: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = StorageError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), StorageError> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = StorageError;

    fn unit_variant(self) -> Result<(), StorageError> {
        if self.holds_something {
            Err(StorageError)
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, StorageError> {
        if self.holds_something {
            seed.deserialize(self.reader)
        } else {
            Err(StorageError)
        }
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, StorageError> {
        self.visit_list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StorageError> {
        self.visit_list(visitor)
    }
}

impl<'de> Variant<'_, 'de> {
    fn visit_list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
        if self.holds_something {
            self.reader.visit_list(visitor)
        } else {
            Err(StorageError)
        }
    }
}

macro_rules! scalars {
    ($($method:ident => $read:ident, $visit:ident);* $(;)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
            visitor.$visit(self.from.$read().map_err(|_| StorageError)?)
        })*
    };
}

/// What is a list to us: its length is in the bytes, and names are not.
macro_rules! lists {
    ($($method:ident($($known:ty),*));* $(;)?) => {
        $(fn $method<V: Visitor<'de>>(self, $(_: $known,)* visitor: V) -> Result<V::Value, StorageError> {
            self.visit_list(visitor)
        })*
    };
}

macro_rules! unsupported {
    ($($method:ident),*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, StorageError> {
            Err(StorageError)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = StorageError;

    scalars! {
        deserialize_bool => bool, visit_bool;
        deserialize_i8 => i8, visit_i8;
        deserialize_i16 => i16, visit_i16;
        deserialize_i32 => i32, visit_i32;
        deserialize_i64 => i64, visit_i64;
        deserialize_u16 => u16, visit_u16;
        deserialize_u32 => u32, visit_u32;
        deserialize_u64 => u64, visit_u64;
        deserialize_str => str, visit_str;
        deserialize_string => str, visit_str;
        deserialize_bytes => bytes, visit_bytes;
        deserialize_byte_buf => bytes, visit_bytes;
        deserialize_identifier => u32, visit_u32;
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
        visitor.visit_u8(self.byte()?)
    }

    /// For types that take one of several shapes: OpenMLS has only numbers among them, and bytes.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
        match self.next_type()? {
            Type::Bytes => self.deserialize_bytes(visitor),
            _ => self.deserialize_u64(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
        if self.take_null()? {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, StorageError> {
        if self.take_null()? {
            visitor.visit_unit()
        } else {
            Err(StorageError)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, StorageError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, StorageError> {
        visitor.visit_newtype_struct(self)
    }

    lists! {
        deserialize_seq();
        deserialize_tuple(usize);
        deserialize_tuple_struct(&'static str, usize);
        deserialize_struct(&'static str, &'static [&'static str]);
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StorageError> {
        let holds_something = self.next_type()? == Type::Array;
        if holds_something && self.from.array().ok() != Some(Some(2)) {
            return Err(StorageError);
        }
        visitor.visit_enum(Variant {
            reader: self,
            holds_something,
        })
    }

    // OpenMLS stores none of these.
    unsupported! { deserialize_map, deserialize_f32, deserialize_f64, deserialize_char, deserialize_ignored_any }

    fn is_human_readable(&self) -> bool {
        false
    }
}
