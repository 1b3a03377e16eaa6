//! Vectors of `f32` on each instruction set, and the two inner loops that need them. Only `kernels/` has `unsafe`.
//!
//! Every function here is generic over [`Lanes`] and always inlined, so that an entry point which enables an instruction
//! set ([`dispatch`]) compiles the whole loop for it.
#![expect(unsafe_code, reason = "intrinsics, and loads without bounds checks in the innermost loops")]

/// Items that one tile holds: one word of a bit-packed row.
pub(super) const TILE: usize = 64;
/// Models that are worked on together.
pub(super) const ROWS: usize = 4;

/// A vector of `f32` and what the kernels do with it. `mask` arguments hold one bit a lane, lowest first.
pub(super) trait Lanes: Copy {
    /// Lanes in a vector.
    const WIDTH: usize;
    /// Vectors side by side that the registers have room for, times [`ROWS`].
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
    fn max(self, other: Self) -> Self;
    fn abs(self) -> Self;
    /// To the nearest integer, ties to even.
    fn round(self) -> Self;
    /// `self * 2^power` for integral powers of -126 to 0.
    fn scale_by_power(self, power: Self) -> Self;
    /// `1 / self` for values of 1 to 2, to the last digits.
    fn reciprocal(self) -> Self;
    /// `self` where the mask's bit is set, else `other`.
    fn select(self, other: Self, mask: u32) -> Self;
    /// `self` where `sign` is not negative, else `other`.
    fn select_by_sign(self, other: Self, sign: Self) -> Self;
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
    // SAFETY: k stays below depth, as the caller promises for.
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
/// As there.
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

/// `e^-|z|`: a multiple of ln 2 split off, the rest by a polynomial of degree 5 in base 2 (relative error 1e-6 at most
/// where the result matters; below `e^-87` it is 0 for every purpose here).
#[inline(always)]
pub(super) fn exp_of_minus_abs<L: Lanes>(z: L) -> L {
    let t = z.abs().mul(L::splat(-std::f32::consts::LOG2_E)).max(L::splat(-125.0));
    let power = t.round();
    let rest = t.sub(power); // -0.5..0.5
    let mut value = L::splat(1.333_355_8e-3);
    for coefficient in [9.618_129e-3, 5.550_411e-2, 2.402_265e-1, 6.931_472e-1, 1.0] {
        value = value.mul_add(rest, L::splat(coefficient));
    }
    value.scale_by_power(power)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(__m512);

    // SAFETY of all that follows: these values exist only below an entry point that has checked for the instructions.
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
        fn abs(self) -> Self {
            unsafe { Self(_mm512_abs_ps(self.0)) }
        }
        #[inline(always)]
        fn round(self) -> Self {
            unsafe { Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
        }
        #[inline(always)]
        fn scale_by_power(self, power: Self) -> Self {
            unsafe { Self(_mm512_scalef_ps(self.0, power.0)) }
        }
        #[inline(always)]
        fn reciprocal(self) -> Self {
            // 14 bits, doubled by one step of Newton's method.
            unsafe {
                let guess = _mm512_rcp14_ps(self.0);
                let error = _mm512_fnmadd_ps(self.0, guess, _mm512_set1_ps(1.0));
                Self(_mm512_fmadd_ps(guess, error, guess))
            }
        }
        #[inline(always)]
        fn select(self, other: Self, mask: u32) -> Self {
            unsafe { Self(_mm512_mask_blend_ps(mask as u16, other.0, self.0)) }
        }
        #[inline(always)]
        fn select_by_sign(self, other: Self, sign: Self) -> Self {
            unsafe {
                let negative = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(sign.0, _mm512_setzero_ps());
                Self(_mm512_mask_blend_ps(negative, self.0, other.0))
            }
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
        fn abs(self) -> Self {
            unsafe { Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)) }
        }
        #[inline(always)]
        fn round(self) -> Self {
            unsafe { Self(_mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
        }
        #[inline(always)]
        fn scale_by_power(self, power: Self) -> Self {
            unsafe {
                let shift = _mm256_slli_epi32::<23>(_mm256_cvtps_epi32(power.0));
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
        fn select(self, other: Self, mask: u32) -> Self {
            unsafe {
                let bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
                let set = _mm256_and_si256(_mm256_set1_epi32(mask as i32), bits);
                let chosen = _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, bits));
                Self(_mm256_blendv_ps(other.0, self.0, chosen))
            }
        }
        #[inline(always)]
        fn select_by_sign(self, other: Self, sign: Self) -> Self {
            unsafe { Self(_mm256_blendv_ps(self.0, other.0, sign.0)) }
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
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
            Self(f32x4_add(f32x4_mul(self.0, a.0), b.0))
        }
        #[inline(always)]
        fn max(self, other: Self) -> Self {
            Self(f32x4_pmax(self.0, other.0))
        }
        #[inline(always)]
        fn abs(self) -> Self {
            Self(f32x4_abs(self.0))
        }
        #[inline(always)]
        fn round(self) -> Self {
            // Adding and taking away 1.5 * 2^23 leaves the nearest integer of a small number.
            self.add(Self::splat(12_582_912.0)).sub(Self::splat(12_582_912.0))
        }
        #[inline(always)]
        fn scale_by_power(self, power: Self) -> Self {
            // The integer stands in the last bits of 1.5 * 2^23 + power.
            Self(i32x4_add(self.0, i32x4_shl(power.add(Self::splat(12_582_912.0)).0, 23)))
        }
        #[inline(always)]
        fn reciprocal(self) -> Self {
            Self(f32x4_div(f32x4_splat(1.0), self.0))
        }
        #[inline(always)]
        fn select(self, other: Self, mask: u32) -> Self {
            let bits = i32x4(1, 2, 4, 8);
            let chosen = i32x4_eq(v128_and(i32x4_splat(mask as i32), bits), bits);
            Self(v128_bitselect(self.0, other.0, chosen))
        }
        #[inline(always)]
        fn select_by_sign(self, other: Self, sign: Self) -> Self {
            Self(v128_bitselect(other.0, self.0, i32x4_shr(sign.0, 31)))
        }
    }
}

/// Four plain `f32`: the baseline of every processor, and of wasm without SIMD.
#[derive(Clone, Copy)]
pub(crate) struct Baseline([f32; 4]);

impl Baseline {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self([0, 1, 2, 3].map(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Lanes for Baseline {
    const WIDTH: usize = 4;
    // Without vectors four numbers take four registers.
    const COLUMNS: usize = if cfg!(target_arch = "wasm32") { 1 } else { 2 };
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { Self(from.cast::<[f32; 4]>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
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
    fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }
    #[inline(always)]
    fn round(self) -> Self {
        // Adding and taking away 1.5 * 2^23 leaves the nearest integer of a small number.
        self.add(Self::splat(12_582_912.0)).sub(Self::splat(12_582_912.0))
    }
    #[inline(always)]
    fn scale_by_power(self, power: Self) -> Self {
        self.zip(power, |value, power| {
            f32::from_bits(value.to_bits().wrapping_add((power + 12_582_912.0).to_bits() << 23))
        })
    }
    #[inline(always)]
    fn reciprocal(self) -> Self {
        Self(self.0.map(|value| 1.0 / value))
    }
    #[inline(always)]
    fn select(self, other: Self, mask: u32) -> Self {
        Self([0, 1, 2, 3].map(|lane| if mask >> lane & 1 == 1 { self.0[lane] } else { other.0[lane] }))
    }
    #[inline(always)]
    fn select_by_sign(self, other: Self, sign: Self) -> Self {
        Self([0, 1, 2, 3].map(|lane| if sign.0[lane] < 0.0 { other.0[lane] } else { self.0[lane] }))
    }
}

/// Work that is written once for all instruction sets.
pub(super) trait Work {
    /// Does it.
    fn run<L: Lanes>(self);
}

/// Instruction sets that the kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512 F.
    Avx512,
    /// AVX2 with FMA.
    Avx2,
    /// 128-bit SIMD of wasm.
    Simd128,
    /// What every processor has.
    Baseline,
}

impl Instructions {
    /// All that this processor has, the fastest first.
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
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            all.push(Self::Simd128);
        }
        all.push(Self::Baseline);
        all
    }

    /// The fastest that this processor has.
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
            Self::Simd128 => "simd128",
            Self::Baseline => "baseline",
        }
    }
}

/// Does the work with these instructions; with the baseline where the processor lacks them.
pub(super) fn dispatch(instructions: Instructions, work: impl Work) {
    match instructions {
        // SAFETY: each arm is taken only where the processor has the instructions that it enables.
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 if std::arch::is_x86_feature_detected!("avx512f") => unsafe { with_avx512(work) },
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") =>
        unsafe { with_avx2(work) },
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
