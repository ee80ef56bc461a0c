//! What stands in a record on somebody's disk, for whoever has the disk: CBOR maps with numbered fields.

/// A record's fields by number, for whoever has the disk.
pub struct Fields<'a>(Vec<(u32, &'a [u8])>);

impl<'a> Fields<'a> {
    /// The fields of a record.
    pub fn of(record: &'a [u8]) -> Option<Self> {
        let mut decoder = minicbor::Decoder::new(record);
        let count = decoder.map().ok()??;
        let field = |_| {
            let number = decoder.u32().ok()?;
            let from = decoder.position();
            decoder.skip().ok()?;
            Some((number, record.get(from..decoder.position())?))
        };
        (0..count).map(field).collect::<Option<_>>().map(Self)
    }

    /// One of them.
    pub fn get<T: minicbor::Decode<'a, ()>>(&self, number: u32) -> Option<T> {
        let (_, value) = self.0.iter().find(|(it, _)| *it == number)?;
        minicbor::decode(value).ok()
    }

    /// One of them, as it is encoded.
    #[must_use]
    pub fn raw(&self, number: u32) -> Option<&'a [u8]> {
        let found = self.0.iter().find(|(it, _)| *it == number);
        found.map(|(_, value)| *value)
    }

    /// One of them, that is a byte string.
    pub fn bytes(&self, number: u32) -> Option<Vec<u8>> {
        let (_, value) = self.0.iter().find(|(it, _)| *it == number)?;
        Some(minicbor::Decoder::new(value).bytes().ok()?.to_vec())
    }
}
