import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach } from 'vitest';
import { FolderAccess } from '../../../src-main/api/path-access';
import { Workstation } from '../../../src-main/api/workstation';
import type { AnnotationChange, AnnotationStateView, PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { emptyAnnotation, type Annotation } from '../../../src-preload/shared/contract/annotations';
import { FILTERS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

/** The annotation routes of a workstation with a small project open, and short ways to ask them. */
export class AnnotationDesk {
  small!: SmallCoupling;
  workstation!: Workstation;

  /** Opens another small project. @param inFolder where to make it; a new temporary folder where it is left out */
  async start(inFolder?: string): Promise<void> {
    this.small = makeSmallCoupling(inFolder);
    const paths = new FolderAccess([dirname(this.small.folder)], 'choose another');
    const stateFile = join(mkdtempSync(join(tmpdir(), 'syncact-state-')), 'recent.json');
    this.workstation = new Workstation({ host: 'browser', program: 'a test', stateFile, paths });
    await this.workstation.openProject(this.small.folder);
  }

  async ask<Answer>(route: string, input: object): Promise<Answer> {
    const reply = await this.workstation.answer(route, input);
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
    return reply.data as Answer;
  }

  as(author: string, blind = false) {
    return { author, blind, embedding: this.small.embedding };
  }

  pair(fbn: number, filter = (fbn + 1) % FILTERS): PairPlace {
    return { embedding: this.small.embedding, layer: this.small.layer, fbn, filter };
  }

  decide(author: string, fbn: number, change: Partial<Annotation> = {}, id = newId()): Promise<AnnotationChange> {
    return this.ask('annotations.decide', {
      ...{ ...this.as(author), id, action: 'edit', pair: this.pair(fbn), annotation: annotation(change), suggestion: null },
    });
  }

  state(author: string, blind = false): Promise<AnnotationStateView> {
    return this.ask('annotations.state', this.as(author, blind));
  }

  step(author: string, way: 'undo' | 'redo', id = newId()): Promise<AnnotationChange> {
    return this.ask('annotations.step', { ...this.as(author), id, way });
  }

  async reopen(): Promise<void> {
    await this.workstation.closeProject();
    await this.workstation.openProject(this.small.folder);
  }

  get project() {
    return this.workstation.project.project;
  }
}

export const annotation = (change: Partial<Annotation> = {}): Annotation => ({ ...emptyAnnotation, status: 'edited', ...change });

/** A desk on a project of its own for each test of a file. */
export function useAnnotationDesk(): AnnotationDesk {
  const desk = new AnnotationDesk();
  beforeEach(() => desk.start());
  afterEach(() => desk.workstation.close());
  return desk;
}
