/* Products with a matrix that was packed once, a few rows at a time in registers.

   A packed matrix of N outputs and K inputs is panels of PANEL outputs, each K inputs deep, zeros
   where N ends. Every row's sums are made in the same order whatever rows are computed with it:
   one turn alone has the numbers that it has among a thousand, to the last bit.

   With HALF defined weights and inputs are bfloat16, two inputs side by side, and sums are float. */

#ifndef NLP_LSTM_MATRICES_H
#define NLP_LSTM_MATRICES_H

#include "vectors.h"

#define PANEL (WIDE * LANES)
#if MOST_ROWS > 3
#define MOST_PANELS 3       /* of one row */
#else
#define MOST_PANELS 2
#endif

#ifdef HALF
typedef uint16_t number;
#define PAIRED 2
#else
typedef float number;
#define PAIRED 1
#endif

/* Inputs that a packed matrix has. */
INLINE long padded(long inputs) { return (inputs + PAIRED - 1) / PAIRED * PAIRED; }

/* One vector of numbers as a product reads them. */
INLINE void write_numbers(number *to, floats values)
{
#ifdef HALF
    _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh((__m512)values));
#else
    store(to, values);
#endif
}

INLINE void write_row(number *to, const float *from, long count)
{
    long n = 0;
    for (; n + LANES <= count; n += LANES)
        write_numbers(to + n, load(from + n));
    if (n < count) {
        float last[LANES] = {0};
        number rounded[LANES];
        memcpy(last, from + n, (count - n) * sizeof(float));
        write_numbers(rounded, load(last));
        memcpy(to + n, rounded, (count - n) * sizeof(number));
    }
    for (n = count; n < padded(count); n++)
        to[n] = 0;
}

#ifdef HALF
typedef __m512bh weights;
#else
typedef floats weights;
#endif

/* Weights of one vector of a panel for PAIRED inputs. */
INLINE weights load_weights(const number *panel, long k, int vector)
{
    const number *from = panel + (k * WIDE + vector * PAIRED) * LANES;
#ifdef HALF
    return (__m512bh)_mm512_loadu_si512(from);
#else
    return load(from);
#endif
}

INLINE void add_product(floats *sum, weights own, const number *inputs)
{
#ifdef HALF
    int32_t pair;
    memcpy(&pair, inputs, sizeof pair);
    *sum = (floats)_mm512_dpbf16_ps((__m512)*sum, own, (__m512bh)_mm512_set1_epi32(pair));
#else
    *sum += own * *inputs;
#endif
}

/* Add to `sums` what `rows` rows of inputs, `stride` numbers apart, give in `wide` vectors of a
   panel. Both are constants where this is called, so that all sums stay in registers. */
INLINE void multiply(
    floats (*sums)[WIDE], const int rows, const int wide,
    const number *inputs, long stride, const number *panel, long depth)
{
    for (long k = 0; k < depth; k += PAIRED) {
#pragma GCC unroll 4
        for (int v = 0; v < wide; v++) {
            const weights own = load_weights(panel, k, v);
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++)
                add_product(&sums[r][v], own, inputs + r * stride + k);
        }
    }
}

/* The same of one row and several whole panels: one panel's sums wait for each other. */
INLINE void multiply_row(
    floats (*sums)[WIDE], const int panels, const number *inputs, const number *panel, long depth)
{
    for (long k = 0; k < depth; k += PAIRED) {
#pragma GCC unroll 4
        for (int p = 0; p < panels; p++) {
#pragma GCC unroll 4
            for (int v = 0; v < WIDE; v++)
                add_product(&sums[p][v], load_weights(panel + p * PANEL * depth, k, v), inputs + k);
        }
    }
}

#endif
