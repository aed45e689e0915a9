/* As many floats at a time as a register holds, as the compiler has them on any processor. */

#ifndef NLP_LSTM_VECTORS_H
#define NLP_LSTM_VECTORS_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

/* WIDE * MOST_ROWS sums are held in registers: of 32 with AVX-512 and on ARM, else of 16. */
#define WIDE 4
#if defined(__AVX512F__) || defined(__aarch64__)
#define MOST_ROWS 6
#else
#define MOST_ROWS 3
#endif

typedef float floats __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
/* Half as many doubles. */
#define HALF_LANES (LANES / 2)
typedef double doubles __attribute__((vector_size(4 * LANES), aligned(8), may_alias));
typedef int64_t longs __attribute__((vector_size(4 * LANES), aligned(8), may_alias));
typedef float half_floats __attribute__((vector_size(2 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE floats load(const float *from) { return *(const floats *)from; }

INLINE void store(float *to, floats values) { *(floats *)to = values; }

INLINE doubles load_doubles(const double *from) { return *(const doubles *)from; }

INLINE doubles load_as_doubles(const float *from)
{
    return __builtin_convertvector(*(const half_floats *)from, doubles);
}

INLINE void store_doubles(double *to, doubles values) { *(doubles *)to = values; }

/* The last vector of a row may end within it. */
INLINE void store_some(float *to, floats values, long count)
{
    if (count >= LANES)
        store(to, values);
    else
        for (int lane = 0; lane < LANES; lane++)
            if (lane < count)
                to[lane] = values[lane];
}

INLINE floats load_some(const float *from, long count)
{
    if (count >= LANES)
        return load(from);
    floats values = {0};
    for (int lane = 0; lane < LANES; lane++)
        if (lane < count)
            values[lane] = from[lane];
    return values;
}

INLINE floats all(float value) { return value - (floats){0}; }

INLINE floats either(ints first, floats a, floats b)
{
    return (floats)((first & (ints)a) | (~first & (ints)b));
}

#if defined(__AVX512F__)
INLINE floats larger(floats a, floats b) { return (floats)_mm512_max_ps((__m512)a, (__m512)b); }
INLINE floats smaller(floats a, floats b) { return (floats)_mm512_min_ps((__m512)a, (__m512)b); }
#elif defined(__AVX__)
INLINE floats larger(floats a, floats b) { return (floats)_mm256_max_ps((__m256)a, (__m256)b); }
INLINE floats smaller(floats a, floats b) { return (floats)_mm256_min_ps((__m256)a, (__m256)b); }
#else
INLINE floats larger(floats a, floats b) { return either(a > b, a, b); }
INLINE floats smaller(floats a, floats b) { return either(a < b, a, b); }
#endif

INLINE double sum_of(doubles values)
{
    double sum = 0;
    for (int lane = 0; lane < HALF_LANES; lane++)
        sum += values[lane];
    return sum;
}

INLINE float total_of(floats values)
{
    float total = 0;
    for (int lane = 0; lane < LANES; lane++)
        total += values[lane];
    return total;
}

INLINE float largest_of(floats values)
{
    float most = values[0];
    for (int lane = 1; lane < LANES; lane++)
        most = values[lane] > most ? values[lane] : most;
    return most;
}

/* e to the power of x between -87 and 88, to two units in the last place. Cephes' polynomial
   (Moshier). */
INLINE floats power_within(floats x)
{
    const floats shift = all(12582912.0f); /* 1.5 * 2^23: adding it rounds to a whole number */
    floats whole = (x * 1.44269504088896341f + shift) - shift;
    floats rest = x - whole * 0.693359375f;
    rest = rest + whole * 2.12194440e-4f;
    floats sum = all(1.9875691500e-4f);
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * rest * rest + rest + 1.0f;
#if defined(__AVX512F__)
    return (floats)_mm512_scalef_ps((__m512)sum, (__m512)whole);
#else
    ints exponent = __builtin_convertvector(whole, ints) + 127;
    return sum * (floats)(exponent << 23);
#endif
}

/* The same of any x: what would overflow is about 1e38, below e^-80 is nothing. */
INLINE floats power_of_e(floats x)
{
    const ints some = x > -80.0f;
    floats power = power_within(smaller(larger(x, all(-87.0f)), all(88.0f)));
    return (floats)(some & (ints)power);
}

/* e to the power of x, which is at most 0, to 1e-11 of it; below e^-700 is nothing. Taylor's. What
   is added to `shift` stands in its last bits as a whole number. */
INLINE doubles small_power_of_e(doubles x)
{
    const longs some = x > -700.0;
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    x = (doubles)(some & (longs)x);
    doubles shifted = x * 1.44269504088896341 + shift;
    doubles whole = shifted - shift;
    doubles rest = x - whole * 6.93147180369123816490e-1;
    rest = rest - whole * 1.90821492927058770002e-10;
    doubles sum = rest * (1.0 / 362880) + 1.0 / 40320;
    sum = sum * rest + 1.0 / 5040;
    sum = sum * rest + 1.0 / 720;
    sum = sum * rest + 1.0 / 120;
    sum = sum * rest + 1.0 / 24;
    sum = sum * rest + 1.0 / 6;
    sum = sum * rest + 0.5;
    sum = sum * rest + 1.0;
    sum = sum * rest + 1.0;
    return (doubles)(some & (longs)(sum * (doubles)(((longs)shifted + 1023) << 52)));
}

/* x times how much of a normal distribution lies below it, to 2e-7 of x. The error function is
   formula 7.1.26 of Abramowitz and Stegun. */
INLINE floats gelu_of(floats x)
{
    const floats z = x * 0.70710678118654752f, beyond = larger(z, -z);
    const floats t = 1.0f / (1.0f + 0.3275911f * beyond);
    floats sum = all(1.061405429f);
    sum = sum * t - 1.453152027f;
    sum = sum * t + 1.421413741f;
    sum = sum * t - 0.284496736f;
    sum = sum * t + 0.254829592f;
    const floats outside = sum * t * power_of_e(-z * z); /* of both tails together */
    return x * either(z < 0.0f, outside * 0.5f, 1.0f - outside * 0.5f);
}

INLINE floats tanh_of(floats x)
{
    floats e = power_of_e(x * -2.0f);
    return (1.0f - e) / (1.0f + e);
}

#endif
