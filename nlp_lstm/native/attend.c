/* One vector a turn, or one for each of many questions, from the vectors of its words. */

#include <stdlib.h>

#include "vectors.h"

/* The largest value of each feature within each turn, and its mean: states (…, W), of which turn b
   has `lengths[b]` rows, at least one, from `starts[b]` on, to (B, W) each. */
void NAME(pool)(
    const float *states, const int64_t *starts, const int64_t *lengths, long count, long width,
    float *largest, float *means)
{
    for (long b = 0; b < count; b++) {
        const float *turn = states + starts[b] * width;
        for (long n = 0; n < width; n += LANES) {
            floats most = load_some(turn + n, width - n), sum = most;
            for (long t = 1; t < lengths[b]; t++) {
                const floats at = load_some(turn + t * width + n, width - n);
                most = larger(most, at);
                sum += at;
            }
            store_some(largest + b * width + n, most, width - n);
            store_some(means + b * width + n, sum / (float)lengths[b], width - n);
        }
    }
}

/* Questions that every word answers. Dimensions: S askers of Q questions each, K width of a key, X
   width of what is found, R questions, filled up to whole vectors. */
struct asked {
    const float *questions;         /* (K, R) */
    const float *base;              /* what is added to what an asker finds: (S, X) */
    long askers, each, keys, found, room;
};

/* How much each word says to each question: (L, R), a share of 1 over the words. */
static void weigh(const struct asked *a, const float *keys, long words, float *shares)
{
    for (long l = 0; l < words; l++)
        for (long r = 0; r < a->room; r += WIDE * LANES) {
            floats sums[WIDE] = {{0}};
            const long wide = (a->room - r) / LANES;
            for (long k = 0; k < a->keys; k++)
                for (int v = 0; v < WIDE && v < wide; v++)
                    sums[v] += keys[l * a->keys + k] *
                               load(a->questions + k * a->room + r + v * LANES);
            for (int v = 0; v < WIDE && v < wide; v++)
                store(shares + l * a->room + r + v * LANES, sums[v]);
        }
    for (long r = 0; r < a->room; r += LANES) {
        floats most = load(shares + r), total = all(0);
        for (long l = 1; l < words; l++)
            most = larger(most, load(shares + l * a->room + r));
        for (long l = 0; l < words; l++) {
            const floats power = power_of_e(load(shares + l * a->room + r) - most);
            store(shares + l * a->room + r, power);
            total += power;
        }
        for (long l = 0; l < words; l++)
            store(shares + l * a->room + r, load(shares + l * a->room + r) / total);
    }
}

/* What some askers find in `wide` vectors of the words' values. */
INLINE void find(
    const struct asked *a, const int rows, const int wide, const float *shares,
    const float *const *values, long first, long words, long asker, long column, float *out)
{
    floats sums[MOST_ROWS][WIDE];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) {
            const long n = column + v * LANES;
            sums[r][v] = load_some(a->base + (asker + r) * a->found + n, a->found - n);
        }
    for (long q = 0; q < a->each; q++)
        for (long l = 0; l < words; l++) {
            const float *share = shares + l * a->room + asker * a->each + q;
            const float *value = values[q] + (first + l) * a->found + column;
            for (int v = 0; v < wide; v++) {
                const floats said = load_some(value + v * LANES, a->found - column - v * LANES);
                for (int r = 0; r < rows; r++)
                    sums[r][v] += said * share[r * a->each];
            }
        }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) {
            const long n = column + v * LANES;
            store_some(out + (asker + r) * a->found + n, sums[r][v], a->found - n);
        }
}

/* What every asker finds in each turn.

   keys (…, K) and values, Q arrays (…, X), of which turn b has `lengths[b]` rows, at least one,
   from `starts[b]` on; out (B, S, X). Returns 0, or 1 without memory. */
int NAME(attend)(
    const float *questions, const float *base, long askers, long each, long width, long found,
    const float *keys, const float *const *values, const int64_t *starts, const int64_t *lengths,
    long count, float *out)
{
    const long room = (askers * each + LANES - 1) / LANES * LANES;
    const struct asked a = {questions, base, askers, each, width, found, room};
    long longest = 1;
    for (long b = 0; b < count; b++)
        longest = lengths[b] > longest ? lengths[b] : longest;
    float *shares = malloc(longest * room * sizeof(float));
    if (!shares)
        return 1;
    for (long b = 0; b < count; b++, out += askers * found) {
        weigh(&a, keys + starts[b] * width, lengths[b], shares);
        for (long column = 0; column < found; column += WIDE * LANES) {
            const int whole = found - column >= WIDE * LANES;
            long asker = 0;
            for (; whole && asker + MOST_ROWS <= askers; asker += MOST_ROWS)
                find(&a, MOST_ROWS, WIDE, shares, values, starts[b], lengths[b], asker, column,
                     out);
            for (; asker < askers; asker++) {
                const long left = (found - column + LANES - 1) / LANES;
                find(&a, 1, left < WIDE ? left : WIDE, shares, values, starts[b], lengths[b],
                     asker, column, out);
            }
        }
    }
    free(shares);
    return 0;
}
