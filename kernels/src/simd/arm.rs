//! NEON.
#![expect(unsafe_code, reason = "intrinsics")]

use super::Lanes;
use std::arch::aarch64::*;

/// NEON, which every 64-bit ARM processor has.
#[derive(Clone, Copy)]
pub(crate) struct Neon(float32x4_t);

impl Lanes for Neon {
    const WIDTH: usize = 4;
    const COLUMNS: usize = 4;
    #[inline(always)]
    fn splat(value: f32) -> Self {
        unsafe { Self(vdupq_n_f32(value)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(vld1q_f32(from)) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { vst1q_f32(to, self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        unsafe { Self(vaddq_f32(self.0, other.0)) }
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        unsafe { Self(vsubq_f32(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        unsafe { Self(vmulq_f32(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        unsafe { Self(vfmaq_f32(b.0, self.0, a.0)) }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        unsafe { Self(vmaxq_f32(self.0, other.0)) }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        unsafe { Self(vminq_f32(self.0, other.0)) }
    }
    #[inline(always)]
    fn magnitude(self) -> Self {
        unsafe { Self(vabsq_f32(self.0)) }
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        unsafe { Self(vreinterpretq_f32_u32(veorq_u32(bits(self), bits(other)))) }
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        unsafe { Self(vreinterpretq_f32_u32(vaddq_u32(bits(self), vshlq_n_u32::<23>(bits(power))))) }
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        unsafe { Self(vdivq_f32(vdupq_n_f32(1.0), self.0)) }
    }
    #[inline(always)]
    fn signs(mask: u32) -> Self {
        unsafe { Self(vreinterpretq_f32_u32(vandq_u32(chosen(mask), vdupq_n_u32(1 << 31)))) }
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        unsafe { Self(vreinterpretq_f32_u32(vandq_u32(bits(self), chosen(mask)))) }
    }
}

#[inline(always)]
fn bits(vector: Neon) -> uint32x4_t {
    unsafe { vreinterpretq_u32_f32(vector.0) }
}

/// All bits set in the lanes whose mask bit is set.
#[inline(always)]
fn chosen(mask: u32) -> uint32x4_t {
    const BITS: [u32; 4] = [1, 2, 4, 8];
    unsafe { vtstq_u32(vdupq_n_u32(mask), vld1q_u32(BITS.as_ptr())) }
}
