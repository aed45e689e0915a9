/* What the slots of a tracker hold after a step: the scores of everything each could hold, and the
   likeliest of it. What `nlp_lstm.states.candidates` and `nlp_lstm.states.deciding` compute, slot
   by slot instead of score by score of all. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "vectors.h"

/* Scores that a slot has of its own: nothing, don't care, keep. Numbers of values that are none. */
#define PLAIN 3

/* Weights and tables of a tracker. Dimensions: S slots, W width of a slot's hidden state, A always
   offered values of the slot with most, P related slots, K width of a match, H of an offer's hidden
   layer, F features. */
struct chooser {
    int64_t slots, width, offered, related, match, offer, features;
    int64_t empty, dont_care, other;    /* numbers of values */
    double least_sure_deletion, match_scale;
    double present_bonus, copy_bias, offer_bias;
    const float *plain_bias;            /* (S, PLAIN) */
    const int64_t *offered_values;      /* (S, A) */
    const float *offered_rows;          /* (S, A, W) */
    const float *always;                /* (S, A) */
    const int64_t *related_slots;       /* (S, P), -1 for none */
    const float *pairs;                 /* (S, P, K) */
    const float *copy_score;            /* (K) */
    const int64_t *value_rows;          /* of each value */
    const float *value_offers;          /* (rows, H) */
    const float *feature_offers;        /* (F, H) */
    const float *slot_offers;           /* (S, H) */
    const float *present_offers;        /* (2, H) */
    const float *offer_score;           /* (H) */
};

/* What was offered, ascending by cell, which is a row's slot. */
struct offers {
    const int64_t *cells, *values, *users, *others, *bits;
    long count;
    const float *mapped;                /* (vectors, 2, H + K): as the customer's, as the other's */
};

INLINE float product(const float *a, const float *b, long count)
{
    floats sum = all(0);
    for (long n = 0; n < count; n += LANES)
        sum += load_some(a + n, count - n) * load_some(b + n, count - n);
    return total_of(sum);
}

static float score_offer(
    const struct chooser *c, const struct offers *o, long e, long slot, const float *asked,
    int stays, int copied)
{
    const long H = c->offer, K = c->match;
    const float *user = o->mapped + 2 * o->users[e] * (H + K);
    const float *other = o->mapped + (2 * o->others[e] + 1) * (H + K);
    const float *value = c->value_offers + c->value_rows[o->values[e]] * H;
    floats score = all(0);
    for (long n = 0; n < H; n += LANES) {
        const long left = H - n;
        floats deep = load_some(user + n, left) + load_some(other + n, left) +
                      load_some(value + n, left);
        for (long f = 0; f < c->features; f++)
            if (o->bits[e] >> f & 1)
                deep += load_some(c->feature_offers + f * H + n, left);
        deep += load_some(c->slot_offers + slot * H + n, left) + load_some(asked + n, left);
        if (stays)
            deep += load_some(c->present_offers + n, left);
        if (copied)
            deep += load_some(c->present_offers + H + n, left);
        score += larger(deep, all(0)) * load_some(c->offer_score + n, left);
    }
    floats matched = all(0);
    for (long n = 0; n < K; n += LANES)
        matched += load_some(asked + H + n, K - n) *
                   (load_some(user + H + n, K - n) + load_some(other + H + n, K - n));
    return total_of(score) + (float)c->offer_bias + (float)c->match_scale * total_of(matched);
}

struct candidates {
    float *logits;
    int64_t *values;
    double *shares;
    long count, first_copy, last_copy;
};

INLINE void add(struct candidates *l, float logit, int64_t value)
{
    l->logits[l->count] = logit;
    l->values[l->count++] = value;
}

/* What a slot holds: of the sums of equal values' shares the largest. */
static void conclude(
    const struct chooser *c, const struct candidates *l, int64_t previous, int64_t *value,
    double *chosen, double *stayed, uint8_t *copied)
{
    float most = -INFINITY;
    double total = 0, best = -1, stays = 0, by_copies = 0;
    for (long n = 0; n < l->count; n++)
        most = l->logits[n] > most ? l->logits[n] : most;
    for (long n = 0; n < l->count; n++)
        total += l->shares[n] = exp((double)l->logits[n] - most);
    int64_t likeliest = previous;
    for (long n = 0; n < l->count; n++) {
        l->shares[n] /= total;
        if (l->values[n] == previous)
            stays += l->shares[n];
    }
    for (long n = 0; n < l->count; n++) {
        const int64_t number = l->values[n];
        long earlier = 0;
        while (l->values[earlier] != number)
            earlier++;
        if (earlier < n)
            continue;
        double sum = 0;
        for (long m = n; m < l->count; m++)
            if (l->values[m] == number)
                sum += l->shares[m];
        if (sum > best || (sum == best && number < likeliest))
            best = sum, likeliest = number;
    }
    if (likeliest == c->empty && previous != c->empty && best < c->least_sure_deletion)
        likeliest = previous, best = stays;
    for (long n = l->first_copy; n < l->last_copy; n++)
        if (l->values[n] == likeliest)
            by_copies += l->shares[n];
    *value = likeliest;
    *chosen = best;
    *stayed = stays;
    *copied = by_copies > best / 2;
}

static int is_nothing(const struct chooser *c, int64_t value)
{
    return value == c->empty || value == c->other;
}

/* Choose for N rows of S slots. Returns 0, or 1 without memory.

   hidden (N, S, W); heads (N, S, PLAIN + K + H + K): a slot's own scores, its side of a copy, of an
   offer and of a match; previous (N, S). */
int NAME(choose)(
    const struct chooser *c, const float *hidden, const float *heads, const int64_t *previous,
    long rows, const int64_t *cells, const int64_t *offered, const int64_t *users,
    const int64_t *others, const int64_t *bits, long count, const float *mapped, int64_t *values,
    double *chosen, double *stayed, uint8_t *copied)
{
    const struct offers o = {cells, offered, users, others, bits, count, mapped};
    const long S = c->slots, K = c->match, heads_width = PLAIN + 2 * K + c->offer;
    const long room = PLAIN + c->offered + c->related + count;
    struct candidates l = {
        .logits = malloc(room * sizeof(float)),
        .values = malloc(room * sizeof(int64_t)),
        .shares = malloc(room * sizeof(double)),
    };
    const int failed = !l.logits || !l.values || !l.shares;
    long e = 0;
    for (long cell = 0; cell < rows * S && !failed; cell++) {
        const long slot = cell % S;
        const int64_t *row = previous + cell - slot, before = previous[cell];
        const float *own = heads + cell * heads_width, *bias = c->plain_bias + slot * PLAIN;
        l.count = 0;
        add(&l, own[0] + bias[0], c->empty);
        add(&l, own[1] + bias[1], c->dont_care);
        add(&l, is_nothing(c, before) ? -INFINITY : own[2] + bias[2], before);
        for (long a = 0; a < c->offered; a++) {
            const long place = slot * c->offered + a;
            if (c->offered_values[place] == c->empty)
                continue; /* it offers fewer */
            const float score =
                product(hidden + cell * c->width, c->offered_rows + place * c->width, c->width);
            const int present = c->offered_values[place] == before;
            add(&l, score + c->always[place] + (present ? (float)c->present_bonus : 0),
                c->offered_values[place]);
        }
        const int64_t *related = c->related_slots + slot * c->related;
        l.first_copy = l.count;
        for (long p = 0; p < c->related; p++) {
            if (related[p] < 0 || is_nothing(c, row[related[p]]))
                continue;
            const float *pair = c->pairs + (slot * c->related + p) * K;
            floats score = all(0);
            for (long n = 0; n < K; n += LANES)
                score += larger(
                             load_some(own + PLAIN + n, K - n) + load_some(pair + n, K - n),
                             all(0)) *
                         load_some(c->copy_score + n, K - n);
            add(&l, total_of(score) + (float)c->copy_bias, row[related[p]]);
        }
        l.last_copy = l.count;
        for (; e < o.count && o.cells[e] == cell; e++) {
            int elsewhere = 0;
            for (long p = 0; p < c->related; p++)
                elsewhere |= related[p] >= 0 && row[related[p]] == o.values[e];
            add(&l, score_offer(c, &o, e, slot, own + PLAIN + K, before == o.values[e], elsewhere),
                o.values[e]);
        }
        conclude(c, &l, before, values + cell, chosen + cell, stayed + cell, copied + cell);
    }
    free(l.logits);
    free(l.values);
    free(l.shares);
    return failed;
}
