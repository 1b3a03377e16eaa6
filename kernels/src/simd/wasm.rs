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
    fn magnitude(self) -> Self {
        Self(f32x4_abs(self.0))
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
        Self(lanes(&SIGNS, mask))
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        Self(v128_and(self.0, lanes(&ALL, mask)))
    }
}

/// Lane masks for each combination of four bits, the lowest first: the sign bit, or all bits, of the lanes whose bit is set.
/// Loading them does not occupy the units that multiply and add.
static SIGNS: [[i32; 4]; 16] = by_lane(i32::MIN);
static ALL: [[i32; 4]; 16] = by_lane(-1);

const fn by_lane(set: i32) -> [[i32; 4]; 16] {
    let mut table = [[0; 4]; 16];
    let mut at = 0;
    while at < 64 {
        let (mask, lane) = (at / 4, at % 4);
        if mask & (1 << lane) != 0 {
            table[mask][lane] = set;
        }
        at += 1;
    }
    table
}

#[inline(always)]
fn lanes(table: &[[i32; 4]; 16], mask: u32) -> v128 {
    unsafe { v128_load(table[mask as usize % 16].as_ptr().cast()) }
}
