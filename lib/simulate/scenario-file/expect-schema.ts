import * as z from 'zod';
import { choice, list, mapping, text, wholeNumber } from '../../policy/fields.ts';
import { wrong } from '../../policy/words.ts';
import type { RunEventName } from '../result.ts';
import { moment } from './moments.ts';
import { instanceType, TYPE_MEND, usd } from './shared-schema.ts';

/*
 * What must come of a scenario.
 */

const EVENTS = [
  'warned',
  'notified',
  'stopped',
  'failed',
  'skipped',
  'restored',
  'kept',
  'refused',
  'held',
  'released',
  'budget',
  'frozen',
  'unfrozen',
  'burn-rate',
  'started',
  'ended',
  'fault',
] as const satisfies readonly RunEventName[];

/** How many of each event: a mapping, so that a misspelt name is told. */
const count = (name: RunEventName) => wholeNumber(name, 0, 1_000_000).optional();
const counts: Readonly<Record<RunEventName, ReturnType<typeof count>>> = {
  warned: count('warned').describe('People were told that it will be stopped.'),
  notified: count('notified').describe('People were told of it, nothing more.'),
  stopped: count('stopped').describe('It was taken out of service.'),
  failed: count('failed').describe('AWS refused to stop it.'),
  skipped: count('skipped').describe('It was stopped or gone before.'),
  restored: count('restored').describe('It was brought back.'),
  kept: count('kept').describe('Somebody kept it from being stopped.'),
  refused: count('refused').describe(
    'Somebody was refused what they asked for, or an owner must approve it.',
  ),
  held: count('held').describe('A person must look first.'),
  released: count('released').describe('What was held back was released.'),
  budget: count('budget').describe('People were told how a project stands with its limit.'),
  frozen: count('frozen').describe('Launches of a project were forbidden.'),
  unfrozen: count('unfrozen').describe('Launches of a project were allowed again.'),
  'burn-rate': count('burn-rate').describe('People were told that an hour costs many times the usual one.'),
  started: count('started').describe('It came into service by the scenario.'),
  ended: count('ended').describe('It went out of service by the scenario.'),
  fault: count('fault').describe('Something was out.'),
};

const PROJECT_MEND = 'Name a project of the policy.';
const RESOURCE_MEND = 'Name a resource by its id.';

const ExpectedEventSchema = mapping('An expected event', {
  event: choice('event', 'an event', EVENTS).describe('What must have happened.'),
  resource: text('resource', RESOURCE_MEND).optional().describe('To which resource, by its id.'),
  project: text('project', PROJECT_MEND).optional().describe('To which project.'),
  at: moment('at')
    .optional()
    .meta({ description: 'When, to the minute; absent = whenever.', examples: ['+45m'] }),
  because: text('because', 'Write words of its reason.').optional().describe('What its reason must contain.'),
});

const ExpectedGateSchema = mapping('An expected answer of the gate', {
  verdict: choice('verdict', 'a verdict', ['pass', 'over']).describe('Whether what is asked for passes.'),
  projected: usd('projected').optional().describe('What the month then comes to.'),
  over: usd('over').optional().describe('How far that is over the limit.'),
  pick: z
    .union([z.literal('none'), instanceType('pick')], {
      error: wrong('pick', 'an instance type', `${TYPE_MEND} Or none.`),
    })
    .optional()
    .meta({ description: 'What would do instead; none = nothing does.', examples: ['ml.g5.xlarge', 'none'] }),
});

const ids = (name: string) => list(name, text('an id', RESOURCE_MEND), 'List ids of resources.').optional();

export const ExpectSchema = mapping('`expect`', {
  spent: usd('spent')
    .optional()
    .meta({ description: 'What all of it cost.', examples: ['28.27 USD'] }),
  without: usd('without')
    .optional()
    .meta({ description: 'What it would have cost without Bursar.', examples: ['2374.34 USD'] }),
  saved: usd('saved')
    .optional()
    .meta({ description: 'The difference.', examples: ['2346.08 USD'] }),
  counts: mapping('`counts`', counts)
    .optional()
    .meta({ description: 'How many events of a name.', examples: [{ stopped: 47, failed: 2 }] }),
  events: z
    .array(ExpectedEventSchema, {
      error: wrong('events', 'a list', 'Write a list such as [ { event: stopped, resource: chat } ].'),
    })
    .optional()
    .describe('Events that must be there.'),
  running: ids('running').describe('What ran on to the end.'),
  notRunning: ids('notRunning').describe('What was out of service at the end.'),
  leftAlone: z
    .array(
      mapping('What is left alone', {
        resource: text('resource', RESOURCE_MEND).describe('A resource, by its id.'),
        because: text('because', 'Write words of the reason.')
          .optional()
          .describe('What the reason must contain.'),
      }),
      {
        error: wrong(
          'leftAlone',
          'a list',
          'Write a list such as [ { resource: db-1, because: Kept until } ].',
        ),
      },
    )
    .optional()
    .describe(
      'What runs at the end and is left alone whatever it does, and why: exempt, refused or held back.',
    ),
  gates: z
    .array(ExpectedGateSchema, {
      error: wrong('gates', 'a list', 'Write a list such as [ { verdict: pass } ].'),
    })
    .optional()
    .describe('What the gate says, one for each step that asks it, in their order.'),
  overrunAtMost: mapping('`overrunAtMost`', {
    project: text('project', PROJECT_MEND).describe('A project of the policy.'),
    amount: usd('amount').meta({ description: 'How far it may be over its limit.', examples: ['4.08 USD'] }),
  })
    .optional()
    .describe('How far a project may end over its limit.'),
}).meta({ title: 'Expectations', description: 'What must come of it; whatever is absent is not asked.' });

export type ExpectForm = z.output<typeof ExpectSchema>;
