/** What a window knows of itself: names and values. */
export function describeWindow(): [string, string][] {
  return [
    ['browser', navigator.userAgent],
    [
      'size',
      `${window.innerWidth} × ${window.innerHeight}, ${window.devicePixelRatio} ${window.devicePixelRatio === 1 ? 'pixel' : 'pixels'} per point`,
    ],
    ['WebGL', describeWebGl()],
    ['WebGPU', 'gpu' in navigator ? 'offered' : 'not offered'],
  ];
}

/** Version and renderer: a renderer in software draws volumes slowly. */
function describeWebGl(): string {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return 'not there: volumes cannot be drawn';
  const details = context.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = context.getParameter(details ? details.UNMASKED_RENDERER_WEBGL : context.RENDERER);
  const largest: unknown = context.getParameter(context.MAX_3D_TEXTURE_SIZE);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return `2.0, ${String(renderer)}, volumes up to ${String(largest)}³`;
}
