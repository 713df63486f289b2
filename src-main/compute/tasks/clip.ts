import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClipTask } from '../../../src-preload/shared/contract/report';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { readMap } from '../../embedding/checkpoint';
import { toPng } from '../../figures/drawing/png';
import { writeFileAtomically } from '../../files/atomic-write';
import { openFramesFile, type FramesFile } from '../../files/frames-file';
import { ActivationCache } from '../../project/activation-cache';
import { layOutClip, titleOf, type ClipContent } from '../../report/clip/layout';
import { encodeClip, type ClipRequest } from '../../stimulus/encode-clip';
import type { TaskHandler } from '../process';
import { averageFbnActivations } from './couple';
import { createPainter } from '../figure-parts/painter';

/** One point of the drawing is one pixel. */
const DPI = 72;

/** Makes a clip: what stands still is drawn once, FFmpeg puts the movie and the cursor on it. */
export const clipTask: TaskHandler<'clip'> = async (task, context) => {
  const folder = await mkdtemp(join(tmpdir(), 'syncact-clip-'));
  const frames = await openFramesFile(task.pair.frames);
  try {
    context.progress({ stage: 'drawing the clip', done: 0, total: 1, unit: 'pictures' });
    const content = await readContent(task, frames.width / frames.height);
    const painter = await createPainter(task.brain, { dpi: DPI, palette: 'blue-red', radiological: false, glass: false });
    const { scene, movie, plot } = layOutClip(content, painter);
    const picture = join(folder, 'picture.png');
    await writeFile(picture, await toPng(scene, '', DPI));
    const request = {
      ...{ file: task.file, picture, movie, plot, isBlurred: task.isBlurred, title: titleOf(task.pair) },
      ...(await sourceOf(task, frames, join(folder, 'frames.rgb'))),
      seconds: task.toSeconds - task.fromSeconds,
      provenance: JSON.stringify(task.provenance),
    };
    await encodeClip(request, context);
    return { bytes: (await stat(task.file)).size, seconds: request.seconds, picture: task.video ? 'video' : 'frames' };
  } finally {
    await frames.close();
    await rm(folder, { recursive: true, force: true });
  }
};

async function readContent({ pair, brain, activations, fromSeconds, toSeconds }: ClipTask, aspect: number): Promise<ClipContent> {
  const cache = ActivationCache.openReadOnly(activations);
  try {
    return {
      ...{ ...pair, fromSeconds, toSeconds, aspect },
      map: await readMap(brain.checkpoint, pair.fbn),
      brain: matrixRow(averageFbnActivations(cache, pair, [pair.fbn]), 0),
      network: cache.readFilterSeries(pair.filterActivation, pair.filter)!.slice(0, pair.timePoints),
    };
  } finally {
    cache.close();
  }
}

/** The movie's video, or the stretch's frames as the CNN saw them in a file of their own. */
async function sourceOf(
  { video, pair, fromSeconds, toSeconds }: ClipTask,
  frames: FramesFile,
  file: string,
): Promise<Pick<ClipRequest, 'source' | 'startSeconds'>> {
  if (video) return { source: { video: video.file }, startSeconds: video.offsetSeconds + fromSeconds };
  const { width, height } = frames;
  const first = Math.floor(fromSeconds / pair.trSeconds);
  const end = Math.min(frames.count, Math.ceil(toSeconds / pair.trSeconds));
  await writeFileAtomically(file, async (sink) => {
    for (let frame = first; frame < end; frame++) await sink.write(await frames.read(frame, 1));
  });
  return { source: { frames: file, width, height, framesPerSecond: 1 / pair.trSeconds }, startSeconds: 0 };
}
