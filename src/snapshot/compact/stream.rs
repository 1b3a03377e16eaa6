//! A compact encoding of numbers and texts. Whole numbers take seven bits a byte, lowest bits first, with the top bit
//! set in all bytes but the last (LEB128). A repeated text is written as its number, from 1 in the order of first use;
//! a new text is written as 0, its length in bytes and its UTF-8.

use std::collections::HashMap;

/// Writes the encoding that [`Reader`] reads.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    texts: HashMap<String, u64>,
}

impl Writer {
    pub(crate) fn whole(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(crate) fn float(&mut self, number: f32) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub(crate) fn double(&mut self, number: f64) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        if let Some(&known) = self.texts.get(text) {
            return self.whole(known);
        }
        self.texts.insert(text.to_owned(), self.texts.len() as u64 + 1);
        self.whole(0);
        self.whole(text.len() as u64);
        self.raw(text.as_bytes());
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads from arbitrary bytes: each method returns `None` where the bytes end or are not a valid encoding.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    texts: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, texts: Vec::new() }
    }

    pub(crate) fn whole(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.raw(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        // The tenth byte has room for one bit.
        let last = self.raw(1)?[0];
        (last < 2).then_some(number | u64::from(last) << 63)
    }

    /// A count or an index.
    pub(crate) fn count(&mut self) -> Option<usize> {
        self.whole()?.try_into().ok()
    }

    /// An index below `end`.
    pub(crate) fn below(&mut self, end: usize) -> Option<u32> {
        self.count().filter(|&at| at < end)?.try_into().ok()
    }

    /// A finite number.
    pub(crate) fn float(&mut self) -> Option<f32> {
        let bytes = self.raw(4)?.try_into().ok()?;
        Some(f32::from_le_bytes(bytes)).filter(|number| number.is_finite())
    }

    /// A finite number.
    pub(crate) fn double(&mut self) -> Option<f64> {
        let bytes = self.raw(8)?.try_into().ok()?;
        Some(f64::from_le_bytes(bytes)).filter(|number| number.is_finite())
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        match self.count()? {
            0 => {
                let length = self.count()?;
                let text = std::str::from_utf8(self.raw(length)?).ok()?;
                self.texts.push(text);
                Some(text)
            }
            known => self.texts.get(known - 1).copied(),
        }
    }

    pub(crate) fn raw(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(head)
    }

    /// Whether all bytes are read.
    pub(crate) fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_values_are_read_back_and_a_text_is_written_once() {
        let mut writer = Writer::default();
        let wholes = [0, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        wholes.iter().for_each(|&number| writer.whole(number));
        ["größe", "", "größe"].iter().for_each(|text| writer.text(text));
        writer.float(0.1);
        writer.double(-1e300);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert!(wholes.iter().all(|&number| reader.whole() == Some(number)));
        assert_eq!([reader.text(), reader.text(), reader.text()], [Some("größe"), Some(""), Some("größe")]);
        assert_eq!((reader.float(), reader.double(), reader.is_done()), (Some(0.1), Some(-1e300), true));
        assert_eq!(reader.whole(), None);
        assert_eq!(bytes.windows(2).filter(|pair| *pair == "ö".as_bytes()).count(), 1);
    }

    #[test]
    fn invalid_encodings_are_none() {
        assert_eq!(Reader::new(&[0xff; 20]).whole(), None);
        assert_eq!(Reader::new(&[5]).below(5), None);
        assert_eq!(Reader::new(&[3]).text(), None, "no such text came before");
        assert_eq!(Reader::new(&[0, 2, 0xc3, 0x28]).text(), None, "no UTF-8");
        assert_eq!(Reader::new(&f32::NAN.to_le_bytes()).float(), None);
    }
}
