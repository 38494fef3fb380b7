import {
  ResourceGroupsTaggingAPIClient,
  TagResourcesCommand,
  type TagResourcesCommandInput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tagsOf } from '../../lib/people/tags.ts';
import type { Tags } from '../../lib/people/tags-answer.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { policyWith, REQUIRED, resource, usd } from '../compliance/fixtures.ts';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { run, useFake } from './run-cli.ts';

// The refusals of the tagging API cannot be had of an emulator: its client is mocked. tag-wire.test.ts has the real one.
const tagging = mockClient(ResourceGroupsTaggingAPIClient);

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());

const policy = policyWith(REQUIRED);
const good = { project: 'recsys', owner: 'team-beta', environment: 'dev' };
const of = (id: string) => resource(id, {}).arn;
const EUROPE = 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn';

const FLEET: readonly Resource[] = [
  resource('i-good', good),
  // Sure: two tags.
  resource('i-case', { Project: 'Recsys', environment: 'DEV', owner: 'x' }, { hourly: usd('12.24') }),
  // Sure, the same tags as another in another region.
  resource('i-owner', { project: 'recsys', environment: 'dev' }),
  resource(
    'churn',
    { project: 'recsys', environment: 'dev' },
    { arn: EUROPE, kind: 'sagemaker-endpoint', region: 'eu-west-1' },
  ),
  // Likely: with the owner.
  resource('i-typo', { project: 'recsis', environment: 'dev' }, { hourly: undefined }),
  // Nothing can be said of it.
  resource('i-bare', {}, { state: 'stopped' }),
];
const answer = (resources: readonly Resource[], unread: Tags['unread'] = []) => ({
  tags: { ...tagsOf(policy, resources), unread },
});

/** What the tagging API was asked, in order. */
const calls = (): readonly TagResourcesCommandInput[] =>
  tagging.commandCalls(TagResourcesCommand).map(({ args: [{ input }] }) => input);
/** Answers questions as they come. */
const answering = (...answers: readonly boolean[]) => {
  const questions: string[] = [];
  return {
    questions,
    confirm: async (question: string) => {
      questions.push(question);
      return answers[questions.length - 1] ?? false;
    },
  };
};

beforeEach(() => {
  useFake(fake);
  fake.behave({ request: () => ({ payload: answer(FLEET) }) });
  tagging.reset();
  tagging.on(TagResourcesCommand).resolves({});
});

describe('bursar tag', () => {
  it('shows the coverage and what is wrong, the most expensive first', async () => {
    const { code, out, err } = await run(['tag']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out.split('\n')).toEqual([
      'Bursar in us-east-1: 1 of 6 resources carries all required tags, the others cost $14.25/h',
      'Required: project (recsys, fraud-detection, vision), owner (any), environment (dev, staging, prod)',
      '',
      '  PROJECT     RESOURCES  TAGGED  BY COST         OTHERS USD/H  LACKING',
      '  recsis              1      0%            $0.00 + 1 unpriced  1 with a wrong project, 1 without owner',
      '  recsys              3   33.3%    33.3%                $2.01  2 without owner',
      '  no project          2      0%       0%               $12.24  2 without project, 1 without owner, 1 without environment, 1 with a wrong environment',
      '  account             6   16.6%     6.5%  $14.25 + 1 unpriced  2 without project, 1 with a wrong project, 4 without owner, 1 without environment, 1 with a wrong environment',
      '',
      'Problems',
      '  RESOURCE  KIND                REGION     PROJECT   USD/H  WHAT IS WRONG',
      '  i-case    ec2-instance        us-east-1           $12.24  project is missing',
      '                                                            environment may not be "DEV"',
      '  churn     sagemaker-endpoint  eu-west-1  recsys    $1.01  owner is missing',
      '  i-owner   ec2-instance        us-east-1  recsys    $1.01  owner is missing',
      '  i-bare    ec2-instance        us-east-1                   project is missing',
      '                                                            owner is missing',
      '                                                            environment is missing',
      '  i-typo    ec2-instance        us-east-1  recsis           no project is named "recsis"',
      '                                                            owner is missing',
      '',
      '5 mends can be proposed: bursar tag --fix',
      '',
    ]);
    expect(fake.asked).toEqual([{ name: 'the-request', payload: { ask: 'tags' } }]);
    expect(calls()).toEqual([]);
  });

  it('fits the terminal', async () => {
    const { out } = await run(['tag'], { width: 100 });
    const [head = '', required = '', ...rest] = out.split('\n');
    expect(head).toContain('1 of 6');
    expect(required).toContain('Required');
    expect(rest.filter((line) => line.length > 100)).toEqual([]);
  });

  it('is well where all is tagged, and not where something is not known', async () => {
    fake.behave({ request: () => ({ payload: answer([resource('i-1', good)]) }) });
    const well = await run(['tag']);
    expect(well.code).toBe(0);
    expect(well.out).toContain('1 of 1 resource carries all required tags\n');
    expect(well.out).not.toMatch(/Problems|--fix/);
    const unread = [{ kind: 'ebs-volume', region: 'us-east-1', why: 'You are not authorized.' }];
    fake.behave({ request: () => ({ payload: answer([resource('i-1', good)], unread) }) });
    const unknown = await run(['tag']);
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain(
      'Not known: ebs-volume in us-east-1 could not be listed. You are not authorized.\n',
    );
    expect((await run(['tag', '--fix', '--yes'])).code).toBe(1);
  });

  it('says how many problems are not shown', async () => {
    const many = Array.from({ length: 300 }, (_, n) => resource(`i-${n}`, { environment: 'dev' }));
    fake.behave({ request: () => ({ payload: answer(many) }) });
    expect((await run(['tag'])).out).toContain('\n  and 100 more\n');
  });

  it('gives it to machines', async () => {
    const { code, out } = await run(['tag', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ ok: false, ...answer(FLEET).tags });
  });

  it('makes visible what a terminal would obey', async () => {
    const evil = resource('i-\u001b[31m', { project: '\u001b[2J', owner: 'x', environment: '\u009b' });
    fake.behave({
      request: () => ({ payload: answer([evil], [{ kind: 'a', region: 'b', why: 'c\u001b[0m' }]) }),
    });
    const { out } = await run(['tag']);
    expect(out).toContain('\\u{1b}[31m');
    for (const control of ['\u001b', '\u009b']) expect(out).not.toContain(control);
  });
});

describe('bursar tag --fix', () => {
  it('asks for sure tags together and for likely ones each, and writes those in the region of each', async () => {
    const { questions, confirm } = answering(true, true);
    const { code, out, err } = await run(['tag', '--fix'], { confirm });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(questions).toEqual([
      'Write the 4 sure tags on 3 resources?',
      'i-typo: project = recsys, owner = team-beta? Its tag "project" says "recsis", which may be a misspelling of "recsys".',
    ]);
    expect(out.split('\n')).toEqual([
      'Sure',
      '  RESOURCE  TAG                WHY',
      '  i-case    project = recsys   Its tag "Project" says "Recsys", which differs from "recsys" in upper case or spaces alone.',
      '  i-case    environment = dev  Its tag "environment" says "DEV", which differs from "dev" in upper case or spaces alone. The policy development applies to it then, none does now.',
      '  i-owner   owner = team-beta  Its project "recsys" is owned by "team-beta" in the policy file.',
      '  churn     owner = team-beta  Its project "recsys" is owned by "team-beta" in the policy file.',
      '',
      'Likely: each needs a yes of its own',
      '  RESOURCE  TAG                                  WHY',
      '  i-typo    project = recsys, owner = team-beta  Its tag "project" says "recsis", which may be a misspelling of "recsys".',
      '',
      'tagged  i-case   project = recsys',
      'tagged  i-case   environment = dev',
      'tagged  i-owner  owner = team-beta',
      'tagged  churn    owner = team-beta',
      'tagged  i-typo   project = recsys, owner = team-beta',
      '',
      '6 tags written, 3 problems remain',
      '',
    ]);
    expect(calls()).toEqual([
      { ResourceARNList: [of('i-case')], Tags: { project: 'recsys', environment: 'dev' } },
      { ResourceARNList: [of('i-owner')], Tags: { owner: 'team-beta' } },
      { ResourceARNList: [EUROPE], Tags: { owner: 'team-beta' } },
      { ResourceARNList: [of('i-typo')], Tags: { project: 'recsys', owner: 'team-beta' } },
    ]);
    const regions = await Promise.all(
      tagging.commandCalls(TagResourcesCommand).map(({ thisValue }) => {
        if (!(thisValue instanceof ResourceGroupsTaggingAPIClient)) throw new Error('no client');
        return thisValue.config.region();
      }),
    );
    expect(regions).toEqual(['us-east-1', 'us-east-1', 'eu-west-1', 'us-east-1']);
    // Before it writes it looks once more.
    expect(fake.asked).toHaveLength(2);
  });

  it('says a reason once on a terminal, and the same for the same reason together', async () => {
    const dev = (id: string) => resource(id, { ...good, environment: 'DEV' });
    const prod = resource('i-b', { ...good, environment: 'PROD' });
    fake.behave({ request: () => ({ payload: answer([dev('i-a'), prod, dev('i-c')]) }) });
    const { out } = await run(['tag', '--fix', '--dry-run'], { width: 200 });
    expect(out).toMatch(
      / {2}i-a .*differs from "dev".*\n {2}i-c {2}.* As above\.\n {2}i-b .*differs from "prod"/,
    );
    expect((await run(['tag', '--fix', '--dry-run'])).out).not.toContain('As above');
  });

  it('writes nothing that was said no to', async () => {
    const { confirm } = answering(false, false);
    const { code, out } = await run(['tag', '--fix'], { confirm });
    expect(code).toBe(1);
    expect(out).toContain('left alone  i-typo   project = recsys, owner = team-beta  You said no.\n');
    expect(out).toContain('\n0 tags written, 9 problems remain\n');
    expect(calls()).toEqual([]);
    expect(fake.asked).toHaveLength(1);
  });

  it('leaves alone what somebody tagged while it was asked', async () => {
    const later = FLEET.map((one) =>
      one.id === 'i-owner' ? { ...one, tags: { ...one.tags, owner: 'bob' } } : one,
    );
    let looks = 0;
    fake.behave({ request: () => ({ payload: answer(looks++ === 0 ? FLEET : later) }) });
    const { out } = await run(['tag', '--fix'], { confirm: answering(true, false).confirm });
    expect(out).toContain(
      'left alone  i-owner  owner = team-beta                    Its tags were changed meanwhile, or it is gone.\n',
    );
    expect(calls().flatMap(({ ResourceARNList }) => ResourceARNList)).toEqual([of('i-case'), EUROPE]);
  });

  it('says that nobody is there to say yes, and writes nothing', async () => {
    const { code, out, err } = await run(['tag', '--fix']);
    expect(code).toBe(2);
    expect(out).toMatch(/^Sure\n/);
    expect(err).toBe(
      'Nobody is at a terminal to say yes, so nothing was tagged. Give --yes to write the sure ones without asking.\n',
    );
    expect(calls()).toEqual([]);
  });

  it('with --yes writes the sure ones alone, with --likely all', async () => {
    const sure = await run(['tag', '--fix', '--yes']);
    expect(sure.code).toBe(1);
    expect(sure.out).toContain(
      'left alone  i-typo   project = recsys, owner = team-beta  It is a guess: say yes to it at a terminal, or give --likely.\n',
    );
    expect(sure.out).toContain('\n4 tags written, 5 problems remain\n');
    expect(calls()).toHaveLength(3);
    const all = await run(['tag', '--fix', '-y', '--likely']);
    expect(all.out).toContain('\n6 tags written, 3 problems remain\n');
    expect(calls()).toHaveLength(7);
  });

  it('is fine once no problem remains', async () => {
    fake.behave({ request: () => ({ payload: answer(FLEET.slice(0, 4)) }) });
    const { code, out } = await run(['tag', '--fix', '--yes']);
    expect(code).toBe(0);
    expect(out).toContain('\n4 tags written, no problem remains\n');
    fake.behave({ request: () => ({ payload: answer(FLEET.slice(0, 1)) }) });
    expect(await run(['tag', '--fix'])).toEqual({
      code: 0,
      out: 'Nothing can be proposed.\n\nno problem remains\n',
      err: '',
    });
  });

  it('in a dry run writes nothing', async () => {
    const { code, out } = await run(['tag', '--fix', '--dry-run', '--yes']);
    expect(code).toBe(1);
    expect(out).toMatch(/^Sure\n/);
    expect(out).toContain('\n9 problems remain\n');
    expect(calls()).toEqual([]);
  });

  it('gives what it did to machines, and shows people on stderr what it asks for', async () => {
    const json = await run(['tag', '--fix', '--yes', '--json']);
    expect(json.err).toBe('');
    const said = JSON.parse(json.out);
    expect(said).toMatchObject({ ok: false, mended: 4, remaining: 5, problemCount: 9 });
    expect(said.tagged).toHaveLength(5);
    expect(said.tagged[0]).toMatchObject({
      arn: of('i-case'),
      set: { project: 'recsys' },
      was: {},
      confidence: 'sure',
      status: 'tagged',
    });
    const asked = await run(['tag', '--fix', '--json'], { confirm: answering(true).confirm });
    expect(JSON.parse(asked.out)).toMatchObject({ mended: 4 });
    expect(asked.err).toMatch(/^Sure\n/);
  });

  it('goes by 20 resources a call', async () => {
    const many = Array.from({ length: 45 }, (_, n) => resource(`i-${n}`, { ...good, environment: 'Dev' }));
    fake.behave({ request: () => ({ payload: answer(many) }) });
    const { code } = await run(['tag', '--fix', '--yes']);
    expect(code).toBe(0);
    expect(calls().map(({ ResourceARNList = [] }) => ResourceARNList.length)).toEqual([20, 20, 5]);
  });

  it.each([
    [['tag', '--yes'], '--yes says how to fix. Write bursar tag --fix --yes.'],
    [['tag', '--dry-run'], '--dry-run says how to fix. Write bursar tag --fix --dry-run.'],
    [
      ['tag', '--fix', '--likely'],
      '--likely writes guesses without asking. Write --yes --likely, or leave it out to be asked.',
    ],
  ])('takes %j for a mistake', async (args, says) => {
    expect(await run(args)).toEqual({ code: 2, out: '', err: `${says}\n` });
    expect(fake.asked).toEqual([]);
  });
});

describe('what AWS refuses', () => {
  it('is told of each resource: what, why, and how to mend it', async () => {
    // The SDK names two codes; the API reference says that any code of the service may come.
    tagging.on(TagResourcesCommand).callsFake(() => ({
      FailedResourcesMap: {
        [of('i-owner')]: {
          StatusCode: 403,
          ErrorCode: 'AccessDeniedException',
          ErrorMessage: 'User ana is not authorized to perform ec2:CreateTags',
        },
        [EUROPE]: {
          StatusCode: 400,
          ErrorCode: 'InvalidParameterException',
          ErrorMessage: 'Could not find endpoint churn.',
        },
      },
    }));
    const { code, out } = await run(['tag', '--fix', '--yes']);
    expect(code).toBe(1);
    const lines = out.split('\n');
    expect(lines).toContain('tagged      i-case   environment = dev');
    expect(lines).toContain(
      'failed      i-owner  owner = team-beta                    AccessDeniedException: User ana is not authorized to perform ec2:CreateTags. You need tag:TagResources and ec2:CreateTags; have them granted to you.',
    );
    expect(lines).toContain(
      'failed      churn    owner = team-beta                    InvalidParameterException: Could not find endpoint churn. It may be gone: bursar tag shows what is there.',
    );
    expect(out).toContain('\n2 tags written, 2 failed, 7 problems remain\n');
  });

  it('for now is tried once more', async () => {
    const failed = (arn: string) => ({
      FailedResourcesMap: {
        [arn]: {
          StatusCode: 500,
          ErrorCode: 'InternalServiceException' as const,
          ErrorMessage: 'Try again.',
        },
      },
    });
    fake.behave({
      request: () => ({
        payload: answer([
          resource('i-a', { ...good, project: 'RECSYS' }),
          resource('i-b', { ...good, project: 'RECSYS' }),
        ]),
      }),
    });
    tagging
      .on(TagResourcesCommand)
      .resolvesOnce(failed(of('i-b')))
      .resolves({});
    expect((await run(['tag', '--fix', '--yes'])).code).toBe(0);
    expect(calls().map(({ ResourceARNList }) => ResourceARNList)).toEqual([
      [of('i-a'), of('i-b')],
      [of('i-b')],
    ]);
    tagging.reset();
    tagging.on(TagResourcesCommand).resolves(failed(of('i-b')));
    const { code, out } = await run(['tag', '--fix', '--yes', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out).tagged).toMatchObject([
      { id: 'i-a', status: 'tagged' },
      { id: 'i-b', status: 'failed', code: 'InternalServiceException' },
    ]);
  });

  it('of a whole call leaves the other calls, unless it is the credentials', async () => {
    const named = (name: string) => Object.assign(new Error('The token has expired'), { name });
    tagging.on(TagResourcesCommand).rejectsOnce(named('TagPolicyViolation')).resolves({});
    expect((await run(['tag', '--fix', '--yes'])).out).toContain(
      '\n2 tags written, 2 failed, 7 problems remain\n',
    );
    tagging.reset();
    tagging.on(TagResourcesCommand).rejects(named('ExpiredTokenException'));
    const { code, out } = await run(['tag', '--fix', '--yes']);
    expect(code).toBe(1);
    expect(out).toContain(
      'ExpiredTokenException: The token has expired. Sign in again, then run this once more.\n',
    );
    expect(out).toMatch(/not tried {3}i-owner .* Not tried: the credentials failed before\.\n/);
    expect(calls()).toHaveLength(1);
  });
});

it('names in its help the permissions and the exit codes', async () => {
  const { out } = await run(['tag', '--help']);
  for (const action of ['tag:TagResources', 'ec2:CreateTags', 'sagemaker:AddTags', 'rds:AddTagsToResource']) {
    expect(out).toContain(action);
  }
  expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 /);
});
