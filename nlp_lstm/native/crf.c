/* The likeliest legal BIOES tagging of turns, and how likely each of its spans is: what
   `nlp_lstm.layers.bioes.BioesDecoder` computes, turn by turn instead of word by word of all.

   With L labels a word's scores are 4L + 1: of I and B of each label, of O, of S and E of each.
   Here the four are vectors of their own, filled up with what cannot be reached. */

#include <math.h>
#include <stdlib.h>

#include "vectors.h"

#define UNREACHABLE -1e30f
#define TINY 1e-300

/* Transitions, as `BioesCrf` learns them. */
struct transitions {
    long labels;
    const float *within;        /* (2, 2, L): from I, B; to I, E */
    float stay_outside;
    const float *from_outside;  /* (2L): to B, S */
    const float *to_outside;    /* (2L): from S, E */
    const float *leave;         /* (2L): S, E before B, S */
    const float *enter;         /* (2L): B, S after S, E */
    const float *start;         /* (2L + 1): B, O, S */
    const float *stop;          /* (2L + 1): O, S, E */
};

/* Names of vectors of one word, or of the transitions to or from its tags. */
enum { I, B, S, E, TAGS };

/* All of a tagger's transitions, filled up: `width` numbers each. */
enum {
    I_TO_I, I_TO_E, B_TO_I, B_TO_E, O_TO_B, O_TO_S, S_TO_O, E_TO_O, LEAVE_S, LEAVE_E,
    ENTER_B, ENTER_S, START_B, START_S, STOP_S, STOP_E, KINDS
};

struct filled {
    long labels, width;
    float *moves;       /* (KINDS, width) */
    double *powers;     /* their exponentials */
    float stay, start_outside, stop_outside;
};

/* Space for one turn of T words: (T, TAGS, width) each, and (T) of outside and what has no tag.
   Sums are double: the likeliest tagging may go through a tag that was e^-100 of the others when
   it got there, and e^-87 is the least that a float is. */
struct turn {
    float *scores, *reached, *scores_outside, *reached_outside;
    double *shares, *before, *after, *shares_outside, *before_outside, *after_outside;
    double *most, *scale_before, *scale_after, *along;
    int64_t *path;
};

struct found {
    int64_t *turns, *firsts, *lasts, *labels;
    double *log_marginals;
    long count;
};

static void fill(float *to, const float *from, long labels, long width)
{
    for (long n = 0; n < width; n++)
        to[n] = n < labels ? from[n] : UNREACHABLE;
}

static int prepare(struct filled *f, const struct transitions *given)
{
    const long L = given->labels, W = (L + LANES - 1) / LANES * LANES;
    *f = (struct filled){.labels = L, .width = W};
    f->powers = malloc(KINDS * W * (sizeof(double) + sizeof(float)));
    if (!f->powers)
        return 1;
    f->moves = (float *)(f->powers + KINDS * W);
    const float *parts[KINDS] = {
        [I_TO_I] = given->within,       [I_TO_E] = given->within + L,
        [B_TO_I] = given->within + 2 * L, [B_TO_E] = given->within + 3 * L,
        [O_TO_B] = given->from_outside, [O_TO_S] = given->from_outside + L,
        [S_TO_O] = given->to_outside,   [E_TO_O] = given->to_outside + L,
        [LEAVE_S] = given->leave,       [LEAVE_E] = given->leave + L,
        [ENTER_B] = given->enter,       [ENTER_S] = given->enter + L,
        [START_B] = given->start,       [START_S] = given->start + L + 1,
        [STOP_S] = given->stop + 1,     [STOP_E] = given->stop + 1 + L,
    };
    for (int kind = 0; kind < KINDS; kind++) {
        fill(f->moves + kind * W, parts[kind], L, W);
        for (long n = 0; n < W; n++)
            f->powers[kind * W + n] = n < L ? exp(f->moves[kind * W + n]) : 0;
    }
    f->stay = given->stay_outside;
    f->start_outside = given->start[L];
    f->stop_outside = given->stop[0];
    return 0;
}

#define MOVE(kind) load(f->moves + (kind) * W + n)
#define POWER(kind) load_doubles(f->powers + (kind) * W + n)
#define SHARE(t, tag) load_doubles(AT(u->shares, t, tag) + n)
#define AT(array, t, tag) ((array) + ((t) * TAGS + (tag)) * W)
#define EACH(n) for (long n = 0; n < W; n += LANES)
#define EACH_HALF(n) for (long n = 0; n < W; n += HALF_LANES)

/* The scores of a turn's words, filled up. */
static void take(const struct filled *f, const struct turn *u, const float *scores, long words)
{
    const long L = f->labels, W = f->width;
    for (long t = 0; t < words; t++, scores += 4 * L + 1) {
        fill(AT(u->scores, t, I), scores, L, W);
        fill(AT(u->scores, t, B), scores + L, L, W);
        u->scores_outside[t] = scores[2 * L];
        fill(AT(u->scores, t, S), scores + 2 * L + 1, L, W);
        fill(AT(u->scores, t, E), scores + 3 * L + 1, L, W);
    }
}

/* The score of the best way to each tag at each word, its own included (Viterbi). */
static void reach(const struct filled *f, const struct turn *u, long words)
{
    const long W = f->width;
    EACH(n) {
        store(AT(u->reached, 0, I) + n, all(UNREACHABLE));
        store(AT(u->reached, 0, E) + n, all(UNREACHABLE));
        store(AT(u->reached, 0, B) + n, load(AT(u->scores, 0, B) + n) + MOVE(START_B));
        store(AT(u->reached, 0, S) + n, load(AT(u->scores, 0, S) + n) + MOVE(START_S));
    }
    u->reached_outside[0] = u->scores_outside[0] + f->start_outside;
    for (long t = 1; t < words; t++) {
        floats out = all(UNREACHABLE), on = all(UNREACHABLE);
        EACH(n) {
            floats single = load(AT(u->reached, t - 1, S) + n);
            floats end = load(AT(u->reached, t - 1, E) + n);
            out = larger(out, larger(single + MOVE(S_TO_O), end + MOVE(E_TO_O)));
            on = larger(on, larger(single + MOVE(LEAVE_S), end + MOVE(LEAVE_E)));
        }
        const float outside = u->reached_outside[t - 1], left = largest_of(on);
        const float from_spans = largest_of(out), stays = outside + f->stay;
        u->reached_outside[t] = (from_spans > stays ? from_spans : stays) + u->scores_outside[t];
        EACH(n) {
            floats inside = load(AT(u->reached, t - 1, I) + n);
            floats begin = load(AT(u->reached, t - 1, B) + n);
            store(AT(u->reached, t, I) + n,
                  larger(inside + MOVE(I_TO_I), begin + MOVE(B_TO_I)) +
                      load(AT(u->scores, t, I) + n));
            store(AT(u->reached, t, E) + n,
                  larger(inside + MOVE(I_TO_E), begin + MOVE(B_TO_E)) +
                      load(AT(u->scores, t, E) + n));
            store(AT(u->reached, t, B) + n,
                  larger(outside + MOVE(O_TO_B), left + MOVE(ENTER_B)) +
                      load(AT(u->scores, t, B) + n));
            store(AT(u->reached, t, S) + n,
                  larger(outside + MOVE(O_TO_S), left + MOVE(ENTER_S)) +
                      load(AT(u->scores, t, S) + n));
        }
    }
}

/* A tag as one number: TAGS * label + kind, and -1 for outside. */
#define OUTSIDE -1

/* Of what stands outside or closes a span the best, `closing` added to S and E. */
static int64_t best_before(
    const struct filled *f, const float *single, const float *end, float outside,
    const float *to_single, const float *to_end)
{
    int64_t tag = OUTSIDE;
    float most = outside;
    for (long n = 0; n < f->labels; n++)
        if (single[n] + to_single[n] > most)
            most = single[n] + to_single[n], tag = TAGS * n + S;
    for (long n = 0; n < f->labels; n++)
        if (end[n] + to_end[n] > most)
            most = end[n] + to_end[n], tag = TAGS * n + E;
    return tag;
}

/* Follow the best tags back from the last. */
static void follow(const struct filled *f, const struct turn *u, long words)
{
    const long W = f->width, last = words - 1;
    int64_t tag = best_before(
        f, AT(u->reached, last, S), AT(u->reached, last, E),
        u->reached_outside[last] + f->stop_outside, f->moves + STOP_S * W, f->moves + STOP_E * W);
    u->path[last] = tag;
    for (long t = last - 1; t >= 0; t--) {
        const float *single = AT(u->reached, t, S), *end = AT(u->reached, t, E);
        if (tag == OUTSIDE) {
            tag = best_before(
                f, single, end, u->reached_outside[t] + f->stay, f->moves + S_TO_O * W,
                f->moves + E_TO_O * W);
        } else {
            const long label = tag / TAGS;
            const int kind = tag % TAGS;
            if (kind == I || kind == E) {
                const float *on = f->moves + label;
                const float inside =
                    AT(u->reached, t, I)[label] + on[(kind == I ? I_TO_I : I_TO_E) * W];
                const float begin =
                    AT(u->reached, t, B)[label] + on[(kind == I ? B_TO_I : B_TO_E) * W];
                tag = TAGS * label + (begin > inside ? B : I);
            } else {
                const float entered = f->moves[(kind == B ? ENTER_B : ENTER_S) * W + label];
                const float opened = f->moves[(kind == B ? O_TO_B : O_TO_S) * W + label];
                tag = best_before(
                    f, single, end, u->reached_outside[t] + opened - entered,
                    f->moves + LEAVE_S * W, f->moves + LEAVE_E * W);
            }
        }
        u->path[t] = tag;
    }
}

/* Each word's scores as shares of its largest, which is taken out. */
static void share(const struct filled *f, const struct turn *u, long words)
{
    const long W = f->width;
    for (long t = 0; t < words; t++) {
        floats most = all(u->scores_outside[t]);
        for (long n = 0; n < TAGS * W; n += LANES)
            most = larger(most, load(AT(u->scores, t, 0) + n));
        const double out = largest_of(most);
        u->most[t] = out;
        for (long n = 0; n < TAGS * W; n += HALF_LANES)
            store_doubles(
                AT(u->shares, t, 0) + n,
                small_power_of_e(load_as_doubles(AT(u->scores, t, 0) + n) - out));
        u->shares_outside[t] = exp(u->scores_outside[t] - out);
    }
}

/* Divide one word's sums by their total, and return its logarithm. */
static double settle(double *sums, double *outside, long count)
{
    doubles total = {0};
    for (long n = 0; n < count; n += HALF_LANES)
        total += load_doubles(sums + n);
    const double sum = sum_of(total) + *outside;
    const double whole = sum > TINY ? sum : TINY, part = 1 / whole;
    for (long n = 0; n < count; n += HALF_LANES)
        store_doubles(sums + n, load_doubles(sums + n) * part);
    *outside *= part;
    return log(whole);
}

/* Sums over all ways to each tag. */
static void sum_forwards(const struct filled *f, const struct turn *u, long words)
{
    const long W = f->width;
    EACH_HALF(n) {
        store_doubles(AT(u->before, 0, I) + n, (doubles){0});
        store_doubles(AT(u->before, 0, E) + n, (doubles){0});
        store_doubles(AT(u->before, 0, B) + n, SHARE(0, B) * POWER(START_B));
        store_doubles(AT(u->before, 0, S) + n, SHARE(0, S) * POWER(START_S));
    }
    u->before_outside[0] = u->shares_outside[0] * exp(f->start_outside);
    u->scale_before[0] = settle(AT(u->before, 0, 0), u->before_outside, TAGS * W);
    const double stay = exp(f->stay);
    for (long t = 1; t < words; t++) {
        doubles out = {0}, on = {0};
        EACH_HALF(n) {
            doubles single = load_doubles(AT(u->before, t - 1, S) + n);
            doubles end = load_doubles(AT(u->before, t - 1, E) + n);
            out += single * POWER(S_TO_O) + end * POWER(E_TO_O);
            on += single * POWER(LEAVE_S) + end * POWER(LEAVE_E);
        }
        const double outside = u->before_outside[t - 1], left = sum_of(on);
        u->before_outside[t] = (sum_of(out) + outside * stay) * u->shares_outside[t];
        EACH_HALF(n) {
            doubles inside = load_doubles(AT(u->before, t - 1, I) + n);
            doubles begin = load_doubles(AT(u->before, t - 1, B) + n);
            store_doubles(
                AT(u->before, t, I) + n,
                (inside * POWER(I_TO_I) + begin * POWER(B_TO_I)) * SHARE(t, I));
            store_doubles(
                AT(u->before, t, E) + n,
                (inside * POWER(I_TO_E) + begin * POWER(B_TO_E)) * SHARE(t, E));
            store_doubles(
                AT(u->before, t, B) + n,
                (outside * POWER(O_TO_B) + left * POWER(ENTER_B)) * SHARE(t, B));
            store_doubles(
                AT(u->before, t, S) + n,
                (outside * POWER(O_TO_S) + left * POWER(ENTER_S)) * SHARE(t, S));
        }
        u->scale_before[t] =
            u->scale_before[t - 1] + settle(AT(u->before, t, 0), u->before_outside + t, TAGS * W);
    }
}

/* Sums over all ways to go on after each tag. */
static void sum_backwards(const struct filled *f, const struct turn *u, long words)
{
    const long W = f->width, last = words - 1;
    EACH_HALF(n) {
        store_doubles(AT(u->after, last, I) + n, (doubles){0});
        store_doubles(AT(u->after, last, B) + n, (doubles){0});
        store_doubles(AT(u->after, last, S) + n, POWER(STOP_S));
        store_doubles(AT(u->after, last, E) + n, POWER(STOP_E));
    }
    u->after_outside[last] = exp(f->stop_outside);
    u->scale_after[last] = 0;
    const double stay = exp(f->stay);
    for (long t = last - 1; t >= 0; t--) {
        doubles entered = {0}, opened = {0};
        EACH_HALF(n) {
            doubles begin = SHARE(t + 1, B) * load_doubles(AT(u->after, t + 1, B) + n);
            doubles single = SHARE(t + 1, S) * load_doubles(AT(u->after, t + 1, S) + n);
            entered += begin * POWER(ENTER_B) + single * POWER(ENTER_S);
            opened += begin * POWER(O_TO_B) + single * POWER(O_TO_S);
        }
        const double outside = u->shares_outside[t + 1] * u->after_outside[t + 1];
        const double left = sum_of(entered);
        u->after_outside[t] = sum_of(opened) + outside * stay;
        EACH_HALF(n) {
            doubles inside = SHARE(t + 1, I) * load_doubles(AT(u->after, t + 1, I) + n);
            doubles end = SHARE(t + 1, E) * load_doubles(AT(u->after, t + 1, E) + n);
            store_doubles(AT(u->after, t, I) + n, inside * POWER(I_TO_I) + end * POWER(I_TO_E));
            store_doubles(AT(u->after, t, B) + n, inside * POWER(B_TO_I) + end * POWER(B_TO_E));
            store_doubles(AT(u->after, t, S) + n, outside * POWER(S_TO_O) + left * POWER(LEAVE_S));
            store_doubles(AT(u->after, t, E) + n, outside * POWER(E_TO_O) + left * POWER(LEAVE_E));
        }
        u->scale_after[t] =
            u->scale_after[t + 1] + settle(AT(u->after, t, 0), u->after_outside + t, TAGS * W);
    }
}

/* Of one tag at one word. */
#define PICKED(array, t, tag) \
    ((tag) == OUTSIDE ? u->array##_outside[t] : AT(u->array, t, (tag) % TAGS)[(tag) / TAGS])

/* What going from one tag to the next costs. */
static float moved(const struct filled *f, int64_t from, int64_t to)
{
    const long W = f->width;
#define OF(kind, tag) f->moves[(kind) * W + (tag) / TAGS]
    if (to == OUTSIDE)
        return from == OUTSIDE ? f->stay : OF(from % TAGS == S ? S_TO_O : E_TO_O, from);
    const int kind = to % TAGS;
    if (kind == I)
        return OF(from % TAGS == I ? I_TO_I : B_TO_I, to);
    if (kind == E)
        return OF(from % TAGS == I ? I_TO_E : B_TO_E, to);
    if (from == OUTSIDE)
        return OF(kind == B ? O_TO_B : O_TO_S, to);
    return OF(kind == B ? ENTER_B : ENTER_S, to) + OF(from % TAGS == S ? LEAVE_S : LEAVE_E, from);
}

static double log_of(double value) { return log(value > TINY ? value : TINY); }

/* The spans of a turn's path, and the log-probability of all of it. */
static double name(
    const struct filled *f, const struct turn *u, long words, int64_t turn, struct found *found)
{
    const long W = f->width, last = words - 1;
    double partition = u->before_outside[last] * exp(f->stop_outside);
    for (long n = 0; n < f->labels; n++)
        partition += AT(u->before, last, S)[n] * f->powers[STOP_S * W + n] +
                     AT(u->before, last, E)[n] * f->powers[STOP_E * W + n];
    partition = log_of(partition) + u->scale_before[last];
    int names = 0;
    for (long t = 0; t < words; t++) {
        const int64_t tag = u->path[t];
        names |= tag != OUTSIDE;
        u->along[t] = PICKED(scores, t, tag) - u->most[t];
        if (t)
            u->along[t] += u->along[t - 1] + moved(f, u->path[t - 1], tag);
    }
    const int64_t opening = u->path[0], closing = u->path[last];
    double tagging = u->along[last] - partition;
    tagging += opening == OUTSIDE ? f->start_outside
                                  : OF(opening % TAGS == B ? START_B : START_S, opening);
    tagging += closing == OUTSIDE ? f->stop_outside
                                  : OF(closing % TAGS == S ? STOP_S : STOP_E, closing);
    if (names) {
        sum_backwards(f, u, words);
        long first = 0;
        for (long t = 0; t < words; t++) {
            const int64_t tag = u->path[t];
            if (tag == OUTSIDE || tag % TAGS == I)
                continue;
            if (tag % TAGS != E)
                first = t;
            if (tag % TAGS == B)
                continue;
            const long n = found->count++;
            found->turns[n] = turn;
            found->firsts[n] = first;
            found->lasts[n] = t;
            found->labels[n] = tag / TAGS;
            found->log_marginals[n] =
                log_of(PICKED(before, first, u->path[first])) + u->scale_before[first] +
                u->along[t] - u->along[first] + log_of(PICKED(after, t, tag)) +
                u->scale_after[t] - partition;
        }
    }
    return tagging < 0 ? tagging : 0;
}

static int make_room(struct turn *u, long words, long width)
{
    const long block = words * TAGS * width;
    *u = (struct turn){0};
    double *sums = malloc((3 * block + 7 * words) * sizeof(double));
    float *scores = malloc(2 * (block + words) * sizeof(float));
    int64_t *path = malloc(words * sizeof(int64_t));
    if (!sums || !scores || !path) {
        free(sums);
        free(scores);
        free(path);
        return 1;
    }
    u->scores = scores;
    u->reached = scores + block;
    u->scores_outside = scores + 2 * block;
    u->reached_outside = u->scores_outside + words;
    u->shares = sums;
    u->before = sums + block;
    u->after = sums + 2 * block;
    sums += 3 * block;
    u->shares_outside = sums;
    u->before_outside = sums + words;
    u->after_outside = sums + 2 * words;
    u->most = sums + 3 * words;
    u->scale_before = sums + 4 * words;
    u->scale_after = sums + 5 * words;
    u->along = sums + 6 * words;
    u->path = path;
    return 0;
}

/* The spans of the likeliest taggings of turns, in reading order.

   Args: `scores` (…, 4L + 1), of which turn b has `lengths[b]` rows from `starts[b]` on, none for a
   blank turn. `turns` and what follows has room for as many spans as there are words.

   Returns how many spans there are, or -1 without memory. */
long NAME(spans)(
    const float *scores, const int64_t *starts, const int64_t *lengths, long count, long labels,
    const float *within, const float *stay_outside, const float *from_outside,
    const float *to_outside, const float *leave, const float *enter, const float *start,
    const float *stop, int64_t *turns, int64_t *firsts, int64_t *lasts, int64_t *named,
    double *log_marginals, double *log_taggings)
{
    const struct transitions given = {labels,     within, *stay_outside, from_outside,
                                      to_outside, leave,  enter,         start,
                                      stop};
    struct filled f;
    struct turn u;
    struct found found = {turns, firsts, lasts, named, log_marginals, 0};
    long longest = 1;
    for (long n = 0; n < count; n++)
        longest = lengths[n] > longest ? lengths[n] : longest;
    if (prepare(&f, &given))
        return -1;
    if (make_room(&u, longest, f.width)) {
        free(f.powers);
        return -1;
    }
    for (long n = 0; n < count; n++) {
        const long words = lengths[n];
        log_taggings[n] = 0;
        if (!words)
            continue;
        take(&f, &u, scores + starts[n] * (4 * labels + 1), words);
        reach(&f, &u, words);
        follow(&f, &u, words);
        share(&f, &u, words);
        sum_forwards(&f, &u, words);
        log_taggings[n] = name(&f, &u, words, n, &found);
    }
    free(u.scores);
    free(u.shares);
    free(u.path);
    free(f.powers);
    return found.count;
}
