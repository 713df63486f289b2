/**
 * Products of float32 on NVIDIA GPUs may be rounded to TF32, with 10 bits of mantissa: a thousand times the error that gradients are
 * allowed. This variable, read when their libraries start, forbids it (NVIDIA's cuBLAS documentation).
 * One that is set already is left alone.
 */
export function keepFloat32Exact(): void {
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
}
