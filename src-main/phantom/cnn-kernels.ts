/** A two-dimensional kernel, row-major [size × size]; y grows downwards as in images. */
export interface Kernel {
  size: number;
  values: Float64Array;
}

/** A kernel from a function of the offset from its centre, in steps of the map it is applied to. */
export function kernelOf(size: number, value: (x: number, y: number) => number): Kernel {
  const half = (size - 1) / 2;
  const values = Float64Array.from({ length: size * size }, (_, i) => value((i % size) - half, Math.floor(i / size) - half));
  return { size, values };
}

/** A Gaussian of standard deviation `sigma`, of sum 1. */
export function gaussian(size: number, sigma: number): Kernel {
  return normalised(kernelOf(size, (x, y) => Math.exp(-(x * x + y * y) / (2 * sigma * sigma))));
}

/**
 * A Gabor function without a response to uniform fields, scaled so that a grating it fits, of amplitude 1, gives 1.
 * @param orientation of the stripes it fits, in degrees: 0 horizontal, rising to the right up to 90 vertical
 * @param wavelength of the stripes, in steps of the map
 * @param phase in degrees: 0 even, 90 odd
 */
export function gabor(size: number, orientation: number, wavelength: number, phase: number): Kernel {
  const sigma = Math.min(wavelength * 0.55, size / 3.5);
  const angle = (orientation * Math.PI) / 180;
  const carrier = (x: number, y: number) => (2 * Math.PI * (x * Math.sin(angle) + y * Math.cos(angle))) / wavelength;
  const envelope = (x: number, y: number) => Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
  const shift = (phase * Math.PI) / 180;
  const wave = kernelOf(size, (x, y) => envelope(x, y) * Math.cos(carrier(x, y) + shift));
  const field = kernelOf(size, envelope);
  const mean = sum(wave) / sum(field);
  const values = wave.values.map((value, i) => value - mean * field.values[i]!);
  const grating = kernelOf(size, (x, y) => Math.cos(carrier(x, y) + shift));
  const gain = values.reduce((total, value, i) => total + value * grating.values[i]!, 0);
  return { size, values: values.map((value) => value / gain) };
}

/** Centre minus surround, both of sum 1: no response to uniform fields. */
export function centreSurround(size: number, centre: number, surround: number): Kernel {
  const [inner, outer] = [gaussian(size, centre), gaussian(size, surround)];
  return { size, values: inner.values.map((value, i) => value - outer.values[i]!) };
}

/** A kernel times a factor. */
export function scaled({ size, values }: Kernel, factor: number): Kernel {
  return { size, values: values.map((value) => value * factor) };
}

function normalised(kernel: Kernel): Kernel {
  return scaled(kernel, 1 / sum(kernel));
}

function sum({ values }: Kernel): number {
  return values.reduce((total, value) => total + value, 0);
}
