import type { Features } from './features.ts'

export interface Sample {
  features: Features
  /** Number of its class, from 0. */
  label: number
}

/** How probable each class is for a text; the probabilities add up to 1. */
export interface Classifier {
  classify(features: Features): Float64Array
}

interface Table {
  classes: number
  /** A row of one weight a class for each feature. */
  weights: Float32Array
  bias: Float32Array
}

const passes = 5
const firstStep = 5
/** By how much of the first step each pass makes smaller ones. */
const slowing = 0.1
/** A question got as right as this is left out of the next pass. */
const sure = 0.95
/** Gradients below this change nothing that could be seen; leaving them out makes training many times faster. */
const negligible = 0.004

/**
 * Multinomial logistic regression over `size` features, trained by stochastic gradient descent on the questions of
 * the file: about a tenth of a second for some thousand. The same samples always give the same weights.
 */
export function trainClassifier(samples: readonly Sample[], size: number, classes: number): Classifier {
  const table: Table = {
    classes,
    weights: new Float32Array(size * classes),
    bias: new Float32Array(classes),
  }
  const order = [...samples]
  const random = seeded(1)
  const guess = new Float64Array(classes)
  const resting = new Set<Sample>()
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, random)
    const step = firstStep / (1 + pass * slowing)
    for (const sample of order) {
      if (resting.delete(sample)) continue
      const probability = learn(table, sample, guess, step)
      if (probability > sure) resting.add(sample)
    }
  }
  return { classify: (features) => probabilities(table, features, new Float64Array(classes)) }
}

/**
 * One step; tells how probable the right class was before. `guess` is room to work in, so that training makes no
 * garbage.
 */
function learn(table: Table, { features, label }: Sample, guess: Float64Array, step: number): number {
  const { classes, weights, bias } = table
  const { rows, values } = features
  probabilities(table, features, guess)
  const right = guess[label] ?? 0
  for (let column = 0; column < classes; column++) {
    const error = (guess[column] ?? 0) - (column === label ? 1 : 0)
    guess[column] = Math.abs(error) < negligible ? 0 : step * error
  }
  for (let column = 0; column < classes; column++) {
    const change = guess[column] ?? 0
    if (change === 0) continue
    bias[column] = (bias[column] ?? 0) - change * 0.1
    for (let index = 0; index < rows.length; index++) {
      const position = (rows[index] ?? 0) * classes + column
      weights[position] = (weights[position] ?? 0) - change * (values[index] ?? 0)
    }
  }
  return right
}

/** Softmax of the classes' sums, written into `scores`. */
function probabilities(
  { classes, weights, bias }: Table,
  { rows, values }: Features,
  scores: Float64Array,
): Float64Array {
  scores.set(bias)
  for (let index = 0; index < rows.length; index++) {
    const start = (rows[index] ?? 0) * classes
    const value = values[index] ?? 0
    for (let column = 0; column < classes; column++)
      scores[column] = (scores[column] ?? 0) + value * (weights[start + column] ?? 0)
  }
  let highest = Number.NEGATIVE_INFINITY
  for (let column = 0; column < classes; column++) highest = Math.max(highest, scores[column] ?? 0)
  let total = 0
  for (let column = 0; column < classes; column++) {
    const power = Math.exp((scores[column] ?? 0) - highest)
    scores[column] = power
    total += power
  }
  for (let column = 0; column < classes; column++) scores[column] = (scores[column] ?? 0) / total
  return scores
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const [one, two] = [items[last], items[other]]
    if (one === undefined || two === undefined) continue
    items[last] = two
    items[other] = one
  }
}
