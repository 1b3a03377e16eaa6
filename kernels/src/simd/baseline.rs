//! Plain numbers, for processors without one of the other instruction sets.
#![expect(unsafe_code, reason = "loads and stores through pointers")]

use super::Lanes;

/// Plain `f32`, four at a time: the baseline of every processor. In wasm without SIMD each number takes a register of its
/// own, and there are 16 registers.
#[derive(Clone, Copy)]
pub(crate) struct Baseline([f32; PLAIN]);

/// Number of lanes of the baseline.
const PLAIN: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };

impl Baseline {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Lanes for Baseline {
    const WIDTH: usize = PLAIN;
    const COLUMNS: usize = if cfg!(target_arch = "wasm32") { 1 } else { 2 };
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; PLAIN])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(from.cast::<[f32; PLAIN]>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { to.cast::<[f32; PLAIN]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self.mul(a).add(b)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn magnitude(self) -> Self {
        Self(self.0.map(f32::abs))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| f32::from_bits(a.to_bits() ^ b.to_bits()))
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        self.zip(power, |value, power| f32::from_bits(value.to_bits().wrapping_add(power.to_bits() << 23)))
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        Self(self.0.map(|value| 1.0 / value))
    }
    #[inline(always)]
    fn signs(mask: u32) -> Self {
        Self(std::array::from_fn(|lane| f32::from_bits(mask >> lane << 31)))
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        Self(std::array::from_fn(|lane| f32::from_bits(self.0[lane].to_bits() & (mask >> lane & 1).wrapping_neg())))
    }
    // Without an instruction for them, minimum and maximum are unpredictable branches.
    #[inline(always)]
    fn negative_part(self) -> Self {
        Self(
            self.0.map(|value| f32::from_bits(value.to_bits() & (value.to_bits().cast_signed() >> 31).cast_unsigned())),
        )
    }
    #[inline(always)]
    fn larger_share(self) -> Self {
        Self(self.0.map(|share| 0.5 + (share - 0.5).abs()))
    }
}
