import type { FigureTask } from '../../../src-preload/shared/contract/figures';
import { readMaps } from '../../embedding/checkpoint';
import { toPdf } from '../../figures/drawing/pdf';
import { toPng } from '../../figures/drawing/png';
import type { Scene } from '../../figures/drawing/scene';
import { toSvg } from '../../figures/drawing/svg';
import { drawAblation } from '../../figures/kinds/ablation';
import { drawAtlas } from '../../figures/kinds/atlas';
import { drawCalibration } from '../../figures/kinds/calibration';
import { drawComparison } from '../../figures/kinds/comparison';
import { drawHierarchy } from '../../figures/kinds/hierarchy';
import { drawMatrix } from '../../figures/kinds/matrix';
import { drawNullDistributions } from '../../figures/kinds/null-distribution';
import { drawPairs } from '../../figures/kinds/pairs';
import { drawRegression } from '../../figures/kinds/regression';
import { calibrationPanels } from '../figure-parts/chance-shares';
import { compareFbns } from '../figure-parts/compared-fbns';
import { createPainter } from '../figure-parts/painter';
import { readPairRows } from '../figure-parts/pair-rows';
import type { TaskContext, TaskHandler } from '../process';

/** Draws a figure and gives its file's bytes. */
export const figureTask: TaskHandler<'figure'> = async (input, context) => {
  const scene = await drawFigureScene(input, context);
  const provenance = JSON.stringify(input.provenance);
  const bytes =
    input.format === 'svg'
      ? Buffer.from(await toSvg(scene, provenance))
      : input.format === 'pdf'
        ? await toPdf(scene, provenance)
        : await toPng(scene, provenance, input.spec.dpi);
  return { bytes: new Uint8Array(bytes), widthPoints: scene.width, heightPoints: scene.height };
};

/** Draws a figure before it is written in any format. */
export async function drawFigureScene(input: FigureTask, context: TaskContext): Promise<Scene> {
  const { spec, title } = input;
  const { widthMm, fontSize } = spec;
  const style = { widthMm, fontSize, title };
  switch (spec.kind) {
    case 'pairs': {
      const painter = await createPainter(input.brain!, spec);
      const { rowHeightMm, threshold, palette, letters } = spec;
      return drawPairs(await readPairRows(input, spec, context), painter, {
        ...{ ...style, rowHeightMm, threshold, palette, letters },
      });
    }
    case 'atlas': {
      const painter = await createPainter(input.brain!, spec);
      const fbns = input.fbns!;
      const maps = await readMaps(
        input.brain!.checkpoint,
        fbns.map(({ fbn }) => fbn),
      );
      const { threshold, palette, columns, cuts } = spec;
      return drawAtlas(
        fbns.map((one, i) => ({ ...one, map: maps[i]! })),
        painter,
        { ...style, threshold, palette, columns, cuts },
      );
    }
    case 'comparison': {
      const painter = await createPainter(input.brain!, spec);
      const { embeddings, rows } = await compareFbns(input.compared!, spec, context);
      const percentiles = [spec.fromPercentile, spec.toPercentile] as const;
      return drawComparison(embeddings, rows, painter, {
        ...style,
        rowHeightMm: spec.rowHeightMm,
        palette: spec.palette,
        percentiles,
      });
    }
    case 'matrix':
      return drawMatrix(input.matrix!.rows, input.matrix!.movieRuns, { ...style, measure: 'mean r' });
    case 'regression':
      return drawRegression(input.regression!, { ...style, columns: spec.columns, yLabel: 'mean r' });
    case 'ablation': {
      const { about, metrics, rows } = input.ablation!;
      return drawAblation(metrics, rows, { ...style, columns: spec.columns, about });
    }
    case 'null-distribution':
      return drawNullDistributions(input.nulls!, { ...style, columns: spec.columns });
    case 'hierarchy':
      return drawHierarchy(input.hierarchy!, { ...style, columns: spec.columns });
    case 'calibration':
      return drawCalibration(await calibrationPanels(input, context), {
        ...{ ...style, columns: spec.columns, about: input.calibration!.about },
      });
  }
}
