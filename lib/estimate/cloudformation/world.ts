import type { ChangeItem, Place } from '../estimate.ts';
import type { StatedUsage, UsageFile } from '../usage-file.ts';
import type { TemplateResource } from './resource.ts';
import type { Stack } from './stack.ts';
import type { Value } from './value.ts';

/** What a definition of jobs stands in. */
export interface JobContext {
  /** What the definition is of: a SageMaker pipeline, or a state machine. */
  readonly what: 'pipeline' | 'states';
  /** What ids of its items begin with: `Stack/Pipeline`, `Stack/StateMachine`. */
  readonly id: string;
  readonly place: Required<Place>;
  readonly region: string;
  readonly project: string | undefined;
  /** What is stated of a step: that of the whole, and then its own. */
  readonly statedOf: (part: string) => StatedUsage;
}

/** Reads the jobs of a definition, as plain values; a text in it that is not known yet stands in `<>`. */
export type ReadJobs = (definition: unknown, context: JobContext) => readonly ChangeItem[];

/** A template that another one names. */
export interface NestedTemplate {
  readonly text: string;
  readonly file: string;
}

export interface WorldSettings {
  readonly usage?: UsageFile;
  /** The key of the tag that names a project. */
  readonly projectTag: string;
  /** The project of what carries no such tag. */
  readonly defaultProject?: string;
  /** Absent: what SageMaker pipelines and jobs of state machines cost is not known. */
  readonly readPipeline?: ReadJobs;
  /** The template that a nested stack names, by its path as written and the file that names it. */
  readonly nested?: (path: string, from: string) => NestedTemplate | undefined;
}

/** All stacks of one change: what one exports another may import. */
export class World {
  readonly settings: WorldSettings;
  readonly #stacks: Stack[] = [];
  #exports: ReadonlyMap<string, Value> | undefined;

  constructor(settings: WorldSettings) {
    this.settings = settings;
  }

  add(stack: Stack): void {
    this.#stacks.push(stack);
    this.#exports = undefined;
  }

  get stacks(): readonly Stack[] {
    return this.#stacks;
  }

  /** Every resource of a type that is made, or may be. */
  ofType(type: string): readonly TemplateResource[] {
    return this.#stacks.flatMap((stack) =>
      [...stack.resources.values()].filter((one) => one.type === type && one.made !== false),
    );
  }

  exported(name: string): Value | undefined {
    this.#exports ??= new Map(this.#stacks.flatMap((stack) => [...stack.exports()]));
    return this.#exports.get(name);
  }
}
