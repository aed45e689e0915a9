/* What reading takes its time for: products with constant matrices, LSTMs, and CRF decoding.

   Compiled once for each kind of processor, with NAME(x) a name of its own for each; Python
   chooses. All arrays are those of the caller; nothing is kept between calls. */

#include <stdlib.h>

#include "matrices.h"

#define ROWS_AT_ONCE 48     /* rounded inputs of so many rows stay in the first cache */
#define TURNS_AT_ONCE 96

/* What sources the library is of: `building` looks for it. */
const char NAME(mark)[] = MARK;

/* Numbers that `pack` writes. */
long NAME(packed)(long outputs, long inputs)
{
    return (outputs + PANEL - 1) / PANEL * PANEL * padded(inputs);
}

/* Bytes that each of them has. */
long NAME(size)(void) { return sizeof(number); }

/* The units of an LSTM that are computed together: its width is a multiple. */
long NAME(lanes)(void) { return LANES; }

/* A matrix (outputs, inputs), row by row, as products read it. */
void NAME(pack)(const float *matrix, long outputs, long inputs, number *to)
{
    for (long first = 0; first < outputs; first += PANEL)
        for (long k = 0; k < padded(inputs); k += PAIRED)
            for (long n = first; n < first + PANEL; n += LANES) {
                float weights[PAIRED * LANES];
                for (int lane = 0; lane < LANES; lane++)
                    for (int half = 0; half < PAIRED; half++)
                        weights[lane * PAIRED + half] =
                            n + lane < outputs && k + half < inputs
                                ? matrix[(n + lane) * inputs + k + half]
                                : 0;
                for (int part = 0; part < PAIRED; part++, to += LANES)
                    write_numbers(to, load(weights + part * LANES));
            }
}

enum { NOTHING, RELU, TANH, GELU };

INLINE floats activated(floats values, int activation)
{
    if (activation == RELU)
        return larger(values, all(0));
    if (activation == GELU)
        return gelu_of(values);
    return activation == TANH ? tanh_of(values) : values;
}

struct product {
    const float *base;      /* what sums begin with: rows of N */
    const int64_t *places;  /* which of these each row begins with; NULL where all begin alike */
    float *out;
    long outputs;
    int activation;
};

INLINE void multiply_block(
    const struct product *p, const int rows, const int wide, long row, long first,
    const number *inputs, const number *panel, long depth)
{
    floats sums[MOST_ROWS][WIDE];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) {
            const float *base = p->base + (p->places ? p->places[row + r] : 0) * p->outputs;
            long n = first + v * LANES;
            sums[r][v] = load_some(base + n, p->outputs - n);
        }
    multiply(sums, rows, wide, inputs, depth, panel, depth);
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < wide; v++) {
            long n = first + v * LANES;
            store_some(
                p->out + (row + r) * p->outputs + n, activated(sums[r][v], p->activation),
                p->outputs - n);
        }
}

#define OF_WIDTH(rows) \
    switch (wide) { \
    case 1: multiply_block(&p, rows, 1, row, first, inputs, panel, depth); break; \
    case 2: multiply_block(&p, rows, 2, row, first, inputs, panel, depth); break; \
    case 3: multiply_block(&p, rows, 3, row, first, inputs, panel, depth); break; \
    default: multiply_block(&p, rows, WIDE, row, first, inputs, panel, depth); \
    }

/* inputs (M, K) times a packed matrix, added to base rows, activated: out (M, N). Returns 0, or 1
   without memory. */
int NAME(linear)(
    const float *given, long count, long depth_given, const number *matrix, long outputs,
    const float *base, const int64_t *places, int activation, float *out)
{
    const long depth = padded(depth_given);
    number *rounded = malloc(ROWS_AT_ONCE * depth * sizeof(number));
    if (!rounded)
        return 1;
    const struct product p = {base, places, out, outputs, activation};
    for (long from = 0; from < count; from += ROWS_AT_ONCE) {
        const long to = from + ROWS_AT_ONCE < count ? from + ROWS_AT_ONCE : count;
        for (long row = from; row < to; row++)
            write_row(rounded + (row - from) * depth, given + row * depth_given, depth_given);
        for (long first = 0; first < outputs; first += PANEL) {
            const number *panel = matrix + first * depth;
            const long left = (outputs - first + LANES - 1) / LANES;
            const int wide = left < WIDE ? left : WIDE;
            long row = from;
            for (; row + MOST_ROWS <= to; row += MOST_ROWS) {
                const number *inputs = rounded + (row - from) * depth;
                OF_WIDTH(MOST_ROWS)
            }
            const number *inputs = rounded + (row - from) * depth;
            switch (to - row) {
#if MOST_ROWS > 3
            case 5: OF_WIDTH(5) break;
            case 4: OF_WIDTH(4) break;
            case 3: OF_WIDTH(3) break;
#endif
            case 2: OF_WIDTH(2) break;
            case 1: OF_WIDTH(1) break;
            }
        }
    }
    free(rounded);
    return 0;
}

/* An LSTM over turns of any lengths.

   Its gates are ordered by units: of each LANES units their input, forget, cell and output gates
   stand side by side, a panel. What a token gives to the gates is the sum of one row of each
   table. */
struct lstm {
    const number *matrix;           /* packed: (4H, H) */
    long hidden;                    /* H, a multiple of LANES */
    const float *const *tables;     /* (…, 4H) each */
    const int64_t *const *places;   /* the row of each token */
    long parts;
    const int64_t *starts;          /* of each turn: its first token */
    const int64_t *lengths;
    int backwards;
    float *out;                     /* of each token: its state */
    long stride;                    /* from one token's state to the next */
};

/* What a token gives to the gates of a panel's units. */
INLINE void start_gates(const struct lstm *l, floats *gates, int64_t token, long unit)
{
    const long G = WIDE * l->hidden;
    for (int v = 0; v < WIDE; v++) {
        const long column = unit * WIDE + v * LANES;
        gates[v] = load(l->tables[0] + l->places[0][token] * G + column);
        for (long part = 1; part < l->parts; part++)
            gates[v] += load(l->tables[part] + l->places[part][token] * G + column);
    }
}

/* From the gates of a panel's units to their states. */
INLINE void step_units(
    const struct lstm *l, const floats *gates, int64_t token, long unit, number *after,
    float *cells)
{
    /* Beyond these bounds sigmoid and tanh are 0 and 1 in any case. */
    const floats least = all(-30.0f), most = all(30.0f), low = all(-15.0f), high = all(15.0f);
    floats in = power_within(-smaller(larger(gates[0], least), most));
    floats keep = power_within(-smaller(larger(gates[1], all(-80.0f)), all(80.0f)));
    floats new = power_within(-2.0f * smaller(larger(gates[2], low), high));
    floats show = power_within(-smaller(larger(gates[3], least), most));
    /* sigmoid(in) * tanh(new), over one denominator */
    floats cell =
        load(cells + unit) / (1.0f + keep) + (1.0f - new) / ((1.0f + in) * (1.0f + new));
    store(cells + unit, cell);
    floats seen = power_within(-2.0f * smaller(larger(cell, low), high));
    floats state = (1.0f - seen) / ((1.0f + show) * (1.0f + seen));
    store(l->out + token * l->stride + unit, state);
    write_numbers(after + unit, state);
}

/* One step of up to MOST_ROWS turns, for the units of a panel. */
INLINE void step_panel(
    const struct lstm *l, const int rows, const int64_t *tokens, long unit,
    const number *before, number *after, float *cells)
{
    const long H = l->hidden;
    floats gates[MOST_ROWS][WIDE];
    for (int r = 0; r < rows; r++)
        start_gates(l, gates[r], tokens[r], unit);
    multiply(gates, rows, WIDE, before, H, l->matrix + unit * WIDE * H, H);
    for (int r = 0; r < rows; r++)
        step_units(l, gates[r], tokens[r], unit, after + r * H, cells + r * H);
}

/* One step of one turn, for the units of several panels. */
INLINE void step_panels(
    const struct lstm *l, const int panels, int64_t token, long unit, const number *before,
    number *after, float *cells)
{
    floats gates[MOST_PANELS][WIDE];
    for (int p = 0; p < panels; p++)
        start_gates(l, gates[p], token, unit + p * LANES);
    multiply_row(gates, panels, before, l->matrix + unit * WIDE * l->hidden, l->hidden);
    for (int p = 0; p < panels; p++)
        step_units(l, gates[p], token, unit + p * LANES, after, cells);
}

static void step_alone(
    const struct lstm *l, int64_t token, const number *before, number *after, float *cells)
{
    long unit = 0;
    for (; unit + MOST_PANELS * LANES <= l->hidden; unit += MOST_PANELS * LANES)
        step_panels(l, MOST_PANELS, token, unit, before, after, cells);
    for (; unit < l->hidden; unit += LANES)
        step_panels(l, 1, token, unit, before, after, cells);
}

static int read_turns(
    const struct lstm *l, const int64_t *turns, long count, float *hidden, float *cell)
{
    const long H = l->hidden;
    number *states = malloc(2 * count * H * sizeof(number));
    float *cells = malloc(count * H * sizeof(float));
    int64_t *tokens = malloc(count * sizeof(int64_t));
    const int failed = !states || !cells || !tokens;
    if (!failed) {
        number *before = states, *after = states + count * H;
        for (long n = 0; n < count; n++) {
            write_row(before + n * H, hidden + turns[n] * H, H);
            memcpy(cells + n * H, cell + turns[n] * H, H * sizeof(float));
        }
        long going = count;
        for (long t = 0;; t++) {
            while (going && l->lengths[turns[going - 1]] <= t) {
                going--; /* the longest are first */
                const int64_t turn = turns[going];
                if (t) {
                    const long last = l->backwards ? 0 : t - 1;
                    memcpy(hidden + turn * H, l->out + (l->starts[turn] + last) * l->stride,
                           H * sizeof(float));
                    memcpy(cell + turn * H, cells + going * H, H * sizeof(float));
                }
            }
            if (!going)
                break;
            for (long n = 0; n < going; n++)
                tokens[n] =
                    l->starts[turns[n]] + (l->backwards ? l->lengths[turns[n]] - 1 - t : t);
            if (going == 1)
                step_alone(l, tokens[0], before, after, cells);
            for (long unit = 0; unit < H && going > 1; unit += LANES) {
                long n = 0;
                for (; n + MOST_ROWS <= going; n += MOST_ROWS)
                    step_panel(l, MOST_ROWS, tokens + n, unit, before + n * H, after + n * H,
                               cells + n * H);
#define LAST(rows) \
    case rows: \
        step_panel(l, rows, tokens + n, unit, before + n * H, after + n * H, cells + n * H); \
        break;
                switch (going - n) {
#if MOST_ROWS > 3
                    LAST(5) LAST(4) LAST(3)
#endif
                    LAST(2) LAST(1)
                }
            }
            number *other = before;
            before = after;
            after = other;
        }
    }
    free(states);
    free(cells);
    free(tokens);
    return failed;
}

/* Read turns one way. Of each turn `hidden` and `cell`, (B, H), hold the state before its first
   token and then that after its last. Returns 0, or 1 without memory. */
int NAME(lstm)(
    const number *matrix, long hidden_width, const float *const *tables,
    const int64_t *const *places, long parts, const int64_t *starts, const int64_t *lengths,
    long count, int backwards, float *hidden, float *cell, float *out, long stride)
{
    const struct lstm l = {matrix,  hidden_width, tables,    places, parts,
                           starts, lengths,      backwards, out,    stride};
    long longest = 0;
    for (long n = 0; n < count; n++)
        longest = lengths[n] > longest ? lengths[n] : longest;
    int64_t *order = malloc((count + 1) * sizeof(int64_t));
    int64_t *shorter = calloc(longest + 2, sizeof(int64_t));
    int failed = !order || !shorter;
    if (!failed) {
        /* By length, the longest first: `shorter[n]` is where turns of n tokens go. */
        for (long n = 0; n < count; n++)
            shorter[longest - lengths[n] + 1]++;
        for (long n = 1; n <= longest + 1; n++)
            shorter[n] += shorter[n - 1];
        for (long n = 0; n < count; n++)
            order[shorter[longest - lengths[n]]++] = n;
        for (long from = 0; from < count && !failed; from += TURNS_AT_ONCE) {
            const long left = count - from;
            failed = read_turns(
                &l, order + from, left < TURNS_AT_ONCE ? left : TURNS_AT_ONCE, hidden, cell);
        }
    }
    free(order);
    free(shorter);
    return failed;
}
