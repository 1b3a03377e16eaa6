//! Buffers for the kernels' vectors.
#![expect(unsafe_code, reason = "lines of numbers seen as numbers")]

use std::ops::{Deref, DerefMut};

/// Numbers that start at a cache line, so that no SIMD vector crosses two lines.
pub(super) struct Aligned {
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

impl Aligned {
    pub(super) const fn new() -> Self {
        Self { lines: Vec::new() }
    }

    /// Zeros, at least `length` of them: rounded up to whole lines.
    pub(super) fn zeros(length: usize) -> Self {
        Self { lines: vec![Line([0.0; 16]); length.div_ceil(16)] }
    }

    /// Sets the buffer to zeros of this length, in the memory that it has.
    pub(super) fn clear(&mut self, length: usize) {
        self.lines.clear();
        self.lines.resize(length.div_ceil(16), Line([0.0; 16]));
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a line consists of 16 numbers.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), 16 * self.lines.len()) }
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), 16 * self.lines.len()) }
    }
}
