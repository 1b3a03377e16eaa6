//! Vectors of `f32` on each instruction set, and the two inner loops that use them. Only `kernels/` has `unsafe`.
//!
//! Every function here is generic over [`Lanes`] and always inlined, so that an entry point which enables an instruction
//! set ([`dispatch`]) compiles the whole loop for it.
#![expect(unsafe_code, reason = "intrinsics, and loads without bounds checks in the innermost loops")]

#[cfg(target_arch = "aarch64")]
mod arm;
mod baseline;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::scalar::ROUNDER;
use baseline::Baseline;

/// Items per tile: one word of a bit-packed row.
pub(super) const TILE: usize = 64;
/// Models that are processed together.
pub(super) const ROWS: usize = 4;

/// A vector of `f32` with the operations of the kernels. `mask` arguments hold one bit per lane, lowest first.
pub(super) trait Lanes: Copy {
    /// Number of lanes in a vector.
    const WIDTH: usize;
    /// Number of vectors for which, times [`ROWS`], there are enough registers.
    const COLUMNS: usize;
    fn splat(value: f32) -> Self;
    /// # Safety
    /// `WIDTH` values must be readable at `from`.
    unsafe fn load(from: *const f32) -> Self;
    /// # Safety
    /// `WIDTH` values must be writable at `to`.
    unsafe fn store(self, to: *mut f32);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `self * a + b`, rounded once where the instruction set can.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The larger of both; `other` where one is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller of both; `other` where one is NaN.
    fn min(self, other: Self) -> Self;
    /// The absolute value.
    fn magnitude(self) -> Self;
    /// The bitwise exclusive or.
    fn xor(self, other: Self) -> Self;
    /// Splits off the nearest integer, in the form for [`Lanes::scale_by_power`], and returns it with the rest, -0.5 to 0.5.
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let power = self.add(Self::splat(ROUNDER));
        (power, self.sub(power.sub(Self::splat(ROUNDER))))
    }
    /// `self * 2^n`, with n of -125 to 125 from [`Lanes::split`].
    fn scale_by_power(self, power: Self) -> Self;
    /// `1 / self` for values of 1 to 2^125, accurate to the last digits.
    fn reciprocal(self) -> Self;
    /// The sign bit where the mask's bit is set, else 0.
    fn signs(mask: u32) -> Self;
    /// `self` where the mask's bit is set, else 0.
    fn only(self, mask: u32) -> Self;
    /// `self` where it is negative, else 0.
    #[inline(always)]
    fn negative_part(self) -> Self {
        self.min(Self::splat(0.0))
    }
    /// The larger of p, 0 to 1, and 1 - p.
    #[inline(always)]
    fn larger_share(self) -> Self {
        self.max(Self::splat(1.0).sub(self))
    }
    /// The sum of the lanes.
    #[inline(always)]
    fn sum(self) -> f32 {
        let mut lanes = [0.0f32; 16];
        // SAFETY: no vector is wider than 16 lanes.
        unsafe { self.store(lanes.as_mut_ptr()) };
        lanes[..Self::WIDTH].iter().sum()
    }
}

/// `out[r][c] += Σ_k a[r][k] b[k][c]` for [`ROWS`] rows and `C` vectors; `U` sums run beside each other to hide latency.
///
/// # Safety
/// Readable: `a` at `r * a_stride + k`, `b` at `k * b_stride + c`; k below `depth`, c below `C * WIDTH`.
#[inline(always)]
pub(super) unsafe fn product<L: Lanes, const C: usize, const U: usize>(
    depth: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    b_stride: usize,
    start: [[L; C]; ROWS],
) -> [[L; C]; ROWS] {
    let mut sums = [[[L::splat(0.0); C]; ROWS]; U];
    sums[0] = start;
    let whole = depth - depth % U;
    // SAFETY: k stays below depth, for which the caller guarantees the memory.
    unsafe {
        let mut k = 0;
        while k < whole {
            for (u, sums) in sums.iter_mut().enumerate() {
                step(sums, a.add(k + u), a_stride, b.add((k + u) * b_stride));
            }
            k += U;
        }
        while k < depth {
            step(&mut sums[0], a.add(k), a_stride, b.add(k * b_stride));
            k += 1;
        }
    }
    let (mut total, others) = (sums[0], &sums[1..]);
    for other in others {
        for (total, other) in total.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
            *total = total.add(*other);
        }
    }
    total
}

/// One k of [`product`].
///
/// # Safety
/// As for [`product`].
#[inline(always)]
unsafe fn step<L: Lanes, const C: usize>(sums: &mut [[L; C]; ROWS], a: *const f32, a_stride: usize, b: *const f32) {
    // SAFETY: as the caller promises.
    unsafe {
        let mut columns = [L::splat(0.0); C];
        for (c, column) in columns.iter_mut().enumerate() {
            *column = L::load(b.add(c * L::WIDTH));
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            let value = L::splat(*a.add(r * a_stride));
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum = value.mul_add(column, *sum);
            }
        }
    }
}

/// `1 / (1 + 2^t)`: the integral part of t goes into the exponent, the rest into the best polynomial of degree 4 (relative
/// error at most 2.6e-6).
#[inline(always)]
pub(super) fn logistic_of_minus<L: Lanes>(t: L) -> L {
    let (power, rest) = t.min(L::splat(125.0)).max(L::splat(-125.0)).split();
    let mut value = L::splat(9.570_102e-3);
    for coefficient in [5.591_786e-2, 2.402_474_5e-1, 6.931_218e-1, 9.999_993e-1] {
        value = value.mul_add(rest, L::splat(coefficient));
    }
    value.scale_by_power(power).add(L::splat(1.0)).reciprocal()
}

/// A computation that is written once for all instruction sets.
pub(super) trait Work {
    /// Runs it.
    fn run<L: Lanes>(self);
}

/// The instruction sets for which the kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512 F.
    Avx512,
    /// AVX2 with FMA.
    Avx2,
    /// 128-bit SIMD of ARM.
    Neon,
    /// 128-bit SIMD of wasm.
    Simd128,
    /// The instructions that every processor has.
    Baseline,
}

impl Instructions {
    /// All instruction sets of this processor, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f") {
                all.push(Self::Avx512);
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                all.push(Self::Avx2);
            }
        }
        if cfg!(target_arch = "aarch64") {
            all.push(Self::Neon);
        }
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            all.push(Self::Simd128);
        }
        all.push(Self::Baseline);
        all
    }

    /// The fastest instruction set of this processor.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Simd128 if cfg!(target_feature = "relaxed-simd") => "relaxed simd128",
            Self::Simd128 => "simd128",
            Self::Baseline => "baseline",
        }
    }
}

/// Runs the work with these instructions, or with the baseline if the processor lacks them.
pub(super) fn dispatch(instructions: Instructions, work: impl Work) {
    match instructions {
        // SAFETY: each arm is taken only if the processor has the instructions that it enables.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 if std::arch::is_x86_feature_detected!("avx512f") => unsafe { with_avx512(work) },
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") =>
        unsafe { with_avx2(work) },
        #[cfg(target_arch = "aarch64")]
        Instructions::Neon => work.run::<arm::Neon>(),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Instructions::Simd128 => work.run::<wasm::Simd128>(),
        _ => work.run::<Baseline>(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn with_avx512(work: impl Work) {
    work.run::<x86::Avx512>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn with_avx2(work: impl Work) {
    work.run::<x86::Avx2>();
}
