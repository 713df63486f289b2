import { EventEmitter } from 'node:events';
import { dirname, resolve } from 'node:path';
import type { HostEvents, Topic } from '../../src-preload/shared/contract/events';
import type { JobType } from '../../src-preload/shared/contract/job-inputs';
import type { Reply } from '../../src-preload/shared/contract/routes';
import type { AppState, DiagnosticsView } from '../../src-preload/shared/contract/views';
import type { TimedProgress } from '../../src-preload/shared/domain/work';
import { fromErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import { readProjectName } from '../project/queries/project-name';
import { OpenProject } from './application';
import type { DesktopHost, FileDialogRequest, PathAccess } from './host';
import { describeMachine, programLog } from './diagnostics';
import { JobEventRelay } from './job-events';
import { lookService } from './look';
import type { ProgramLog } from './program-log';
import { RecentProjects } from './recent-projects';
import { answerRequest } from './requests';
import { answerResource } from './resources';
import { restoreProject } from './restore';
import { programVersion } from './version';

export interface WorkstationOptions {
  host: 'electron' | 'browser';
  /** Told to whoever tries to open the same project. */
  program: string;
  /** JSON file of the recent projects. */
  stateFile: string;
  paths: PathAccess;
  /** The system's file dialog; absent in the browser host. */
  choose?: (request: FileDialogRequest) => Promise<string[]>;
}

/** The workstation behind its windows: no project or one, its jobs, and everything that windows are told. */
export class Workstation implements DesktopHost {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly recent: RecentProjects;
  private open: OpenProject | undefined;
  private relay: JobEventRelay | undefined;

  private readonly tellTrouble = (message: string) => this.emit('notice', { kind: 'failure', message });

  /** Beside what else is kept of this person on this machine. */
  readonly log: ProgramLog;

  constructor(readonly options: WorkstationOptions) {
    this.log = programLog(dirname(options.stateFile));
    this.recent = new RecentProjects(options.stateFile);
    for (const { folder } of this.recent.list()) options.paths.grant(folder);
  }

  /** The open project. @throws UserError when none is open */
  get project(): OpenProject {
    if (this.open) return this.open;
    throw new UserError({ code: 'project-not-open', what: 'no project is open', remedy: 'open one, or create a new one' });
  }

  progressOf(job: number): TimedProgress | null {
    return this.relay?.progressOf(job) ?? null;
  }

  state(): AppState {
    const project = this.open?.project;
    return {
      version: programVersion,
      host: this.options.host,
      project: project ? { name: readProjectName(project.database), folder: project.folder } : null,
      recent: this.recent.list(),
    };
  }

  async openProject(folder: string): Promise<AppState> {
    const path = resolve(folder);
    if (this.open?.project.folder === path) return this.state();
    await this.replace(() => OpenProject.open(path, this.options.program, this.tellTrouble));
    return this.state();
  }

  async createProject(folder: string): Promise<AppState> {
    await this.replace(() => OpenProject.create(resolve(folder), this.options.program, this.tellTrouble));
    return this.state();
  }

  /** Puts back a backup of a project that cannot be opened, and opens it. */
  async restoreProject(folder: string, backup: string): Promise<AppState> {
    const path = resolve(folder);
    if (this.open?.project.folder === path) await this.closeProject();
    const { events, kept } = restoreProject(path, backup, this.options.program);
    const state = await this.openProject(path);
    const saved = events > 0 ? ` ${events} annotations written since were read from it and are back.` : '';
    this.emit('notice', { kind: 'info', message: `The damaged database is kept in ${kept}.${saved}` });
    return state;
  }

  async closeProject(): Promise<AppState> {
    await this.leave();
    this.emit('app.changed', { folder: null });
    return this.state();
  }

  async forgetRecent(folder: string): Promise<AppState> {
    await this.recent.forget(folder);
    this.emit('app.changed', { folder: this.open?.project.folder ?? null });
    return this.state();
  }

  startJob(type: JobType, input: unknown): number {
    const { id, finished } = this.project.jobs.start(type, input);
    // Its end is told as an event.
    finished.catch(() => undefined);
    return id;
  }

  changed(...topics: Topic[]): void {
    this.emit('project.changed', { topics });
  }

  diagnostics(): DiagnosticsView {
    return describeMachine(this.options.host, this.open?.project.folder ?? null, this.log);
  }

  answer(route: unknown, input: unknown): Promise<Reply> {
    return answerRequest(this, route, input);
  }

  resource(request: Request): Promise<Response> {
    return answerResource(this.open?.project, request);
  }

  listen(listener: <Name extends keyof HostEvents>(event: Name, detail: HostEvents[Name]) => void): () => void {
    this.emitter.on('event', listener);
    return () => this.emitter.off('event', listener);
  }

  emit<Name extends keyof HostEvents>(event: Name, detail: HostEvents[Name]): void {
    this.note(event, detail);
    this.emitter.emit('event', event, detail);
  }

  /** Puts into the log what whoever helps wants to see: what was opened, how jobs ended, what people were told. */
  private note(event: keyof HostEvents, detail: HostEvents[keyof HostEvents]): void {
    if (event === 'notice') {
      const { kind, message } = detail as HostEvents['notice'];
      this.log.add(kind, message);
    } else if (event === 'app.changed') {
      const { folder } = detail as HostEvents['app.changed'];
      this.log.add('info', folder === null ? 'no project is open' : 'opened a project', folder ?? '');
    } else if (event === 'job.changed') {
      const { id, type, state, error } = (detail as HostEvents['job.changed']).job;
      const kind = state === 'failed' ? 'failure' : 'info';
      const ended = `job ${id} ${type} ${state}`;
      if (error?.kind === 'fault') this.log.add(kind, `${ended} [${error.code}]: ${error.stack ?? error.message}`);
      else if (error?.kind === 'user') this.log.add(kind, `${ended} [${error.details.code}]`, fromErrorReport(error).message);
      else this.log.add(kind, ended);
    }
  }

  activeJobs(): number {
    return this.relay?.active ?? 0;
  }

  close(): Promise<void> {
    return this.leave();
  }

  /** Opens another project; the one that is open stays open when the other cannot be. */
  private async replace(open: () => OpenProject): Promise<void> {
    const next = open();
    await this.leave();
    this.open = next;
    this.relay = new JobEventRelay(next, this);
    this.options.paths.grant(next.project.folder);
    await this.recent.add(next.project.folder);
    this.emit('app.changed', { folder: next.project.folder });
  }

  private async leave(): Promise<void> {
    const leaving = this.open;
    lookService.close();
    await leaving?.close();
    this.open = undefined;
    this.relay = undefined;
  }
}
