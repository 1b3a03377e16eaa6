//! AVX-512 and AVX2.
#![expect(unsafe_code, reason = "intrinsics")]

use super::Lanes;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512);

// SAFETY of all functions below: these values exist only below an entry point that has checked for the instructions.
impl Lanes for Avx512 {
    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe { _mm512_reduce_add_ps(self.0) }
    }
    const WIDTH: usize = 16;
    const COLUMNS: usize = 4;
    #[inline(always)]
    fn splat(value: f32) -> Self {
        unsafe { Self(_mm512_set1_ps(value)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(_mm512_loadu_ps(from)) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        unsafe { Self(_mm512_add_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        unsafe { Self(_mm512_sub_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        unsafe { Self(_mm512_mul_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        unsafe { Self(_mm512_fmadd_ps(self.0, a.0, b.0)) }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        unsafe { Self(_mm512_max_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        unsafe { Self(_mm512_min_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn magnitude(self) -> Self {
        unsafe { Self(_mm512_abs_ps(self.0)) }
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        unsafe {
            let bits = _mm512_xor_si512(_mm512_castps_si512(self.0), _mm512_castps_si512(other.0));
            Self(_mm512_castsi512_ps(bits))
        }
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        unsafe {
            let shift = _mm512_slli_epi32::<23>(_mm512_castps_si512(power.0));
            Self(_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(self.0), shift)))
        }
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        // An estimate of 14 bits, doubled by one step of Newton's method.
        unsafe {
            let guess = _mm512_rcp14_ps(self.0);
            let error = _mm512_fnmadd_ps(self.0, guess, _mm512_set1_ps(1.0));
            Self(_mm512_fmadd_ps(guess, error, guess))
        }
    }
    #[inline(always)]
    fn signs(mask: u32) -> Self {
        unsafe { Self(_mm512_maskz_mov_ps(mask as u16, _mm512_set1_ps(-0.0))) }
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        unsafe { Self(_mm512_maskz_mov_ps(mask as u16, self.0)) }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Avx2(__m256);

impl Lanes for Avx2 {
    const WIDTH: usize = 8;
    const COLUMNS: usize = 2;
    #[inline(always)]
    fn splat(value: f32) -> Self {
        unsafe { Self(_mm256_set1_ps(value)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(_mm256_loadu_ps(from)) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        unsafe { Self(_mm256_add_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        unsafe { Self(_mm256_sub_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        unsafe { Self(_mm256_mul_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        unsafe { Self(_mm256_fmadd_ps(self.0, a.0, b.0)) }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        unsafe { Self(_mm256_max_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        unsafe { Self(_mm256_min_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn magnitude(self) -> Self {
        unsafe { Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)) }
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        unsafe { Self(_mm256_xor_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        unsafe {
            let shift = _mm256_slli_epi32::<23>(_mm256_castps_si256(power.0));
            Self(_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(self.0), shift)))
        }
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        unsafe {
            let guess = _mm256_rcp_ps(self.0);
            let error = _mm256_fnmadd_ps(self.0, guess, _mm256_set1_ps(1.0));
            Self(_mm256_fmadd_ps(guess, error, guess))
        }
    }
    #[inline(always)]
    fn signs(mask: u32) -> Self {
        unsafe {
            let shifts = _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24);
            let first = _mm256_castsi256_ps(_mm256_sllv_epi32(_mm256_set1_epi32(mask as i32), shifts));
            Self(_mm256_and_ps(first, _mm256_set1_ps(-0.0)))
        }
    }
    #[inline(always)]
    fn only(self, mask: u32) -> Self {
        unsafe {
            let bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            let set = _mm256_and_si256(_mm256_set1_epi32(mask as i32), bits);
            let chosen = _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, bits));
            Self(_mm256_and_ps(self.0, chosen))
        }
    }
}
