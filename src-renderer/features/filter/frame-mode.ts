/** How frames are shown: as they are, under the activation map, or cut to a receptive field. */
export type FrameMode = 'frame' | 'map' | 'crop';

export const frameModes: readonly { value: FrameMode; label: string }[] = [
  { value: 'map', label: 'activation map over the frame' },
  { value: 'crop', label: 'what the strongest unit sees' },
  { value: 'frame', label: 'frame only' },
];
