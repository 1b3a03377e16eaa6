//! The 128-bit SIMD of wasm, with fused multiplication and addition where the build has relaxed SIMD.
#![expect(unsafe_code, reason = "intrinsics")]

use super::Lanes;
use std::arch::wasm32::*;

#[derive(Clone, Copy)]
pub(crate) struct Simd128(v128);

impl Lanes for Simd128 {
    const WIDTH: usize = 4;
    const COLUMNS: usize = 2;
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(v128_load(from.cast())) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { v128_store(to.cast(), self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        if cfg!(target_feature = "relaxed-simd") {
            Self(f32x4_relaxed_madd(self.0, a.0, b.0))
        } else {
            Self(f32x4_add(f32x4_mul(self.0, a.0), b.0))
        }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(f32x4_pmax(other.0, self.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(f32x4_pmin(other.0, self.0))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        Self(i32x4_add(self.0, i32x4_shl(power.0, 23)))
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        Self(f32x4_div(f32x4_splat(1.0), self.0))
    }
    #[inline(always)]
    fn signs(mask: u32) -> Self {
        Self(v128_and(chosen(mask), i32x4_splat(i32::MIN)))
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        Self(v128_and(self.0, chosen(mask)))
    }
}

/// All bits of the lanes whose bit is set.
#[inline(always)]
fn chosen(mask: u32) -> v128 {
    let bits = i32x4(1, 2, 4, 8);
    i32x4_eq(v128_and(i32x4_splat(mask as i32), bits), bits)
}
