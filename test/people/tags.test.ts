import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { tagsOf } from '../../lib/people/tags.ts';
import { TagsAnswerSchema, TagsSchema } from '../../lib/people/tags-answer.ts';
import { MEMBER, policyWith, REQUIRED, resource, usd } from '../compliance/fixtures.ts';
import { arnOf, createPeopleStage } from './stage.ts';

const policy = policyWith(REQUIRED);
const good = { project: 'recsys', owner: 'team-beta', environment: 'dev' };

describe('the request tags', () => {
  it('looks at what exists and answers in its form, without a change', async () => {
    const stage = await createPeopleStage();
    stage.add('i-1');
    stage.add('i-2', 'recsis', 'm5.xlarge');
    const { tags } = TagsAnswerSchema.parse(await stage.ask({ ask: 'tags' }));
    expect(tags.required).toEqual([{ key: 'project', values: ['recsys', 'fraud'] }]);
    expect(tags.coverage.account).toMatchObject({ resources: 2, compliant: 1, byCount: 50, hourly: '4.017' });
    expect(tags.problems).toEqual([
      {
        arn: arnOf('i-2'),
        id: 'i-2',
        kind: 'ec2-instance',
        region: 'us-east-1',
        size: 'm5.xlarge',
        project: 'recsis',
        hourly: '0.192',
        key: 'project',
        problem: 'unknown-project',
        value: 'recsis',
      },
    ]);
    expect(tags.proposals).toMatchObject([{ id: 'i-2', set: { project: 'recsys' }, confidence: 'likely' }]);
    expect(tags.unread).toEqual([]);
    expect(stage.commands).toEqual([]);
  });

  it('says which kinds it could not list', async () => {
    const stage = await createPeopleStage();
    mockClient(stage.account.clients.ec2)
      .onAnyCommand()
      .resolves({})
      .on(DescribeVolumesCommand)
      .rejects(new Error('You are not authorized.'));
    const { tags } = TagsAnswerSchema.parse(await stage.ask({ ask: 'tags' }));
    expect(tags.unread).toEqual([
      { kind: 'ebs-volume', region: 'us-east-1', why: 'You are not authorized.' },
    ]);
  });
});

describe('its answer', () => {
  it('has the most expensive problems first, sure proposals before likely ones, and no project last', () => {
    const answer = TagsSchema.omit({ unread: true }).parse(
      tagsOf(policy, [
        resource('i-1', { ...good, project: 'recsis' }, { hourly: usd('1') }),
        resource('i-2', { ...good, owner: '' }, { hourly: usd('9') }),
        resource('i-3', {}, { state: 'stopped', hourly: usd('50') }),
        resource('i-4', {}, { ...MEMBER, hourly: usd('70') }),
        resource('i-5', good, { hourly: usd('3.5') }),
      ]),
    );
    expect(answer.problems.map(({ id, key, hourly }) => [id, key, hourly])).toEqual([
      ['i-2', 'owner', '9'],
      ['i-1', 'project', '1'],
      ['i-3', 'project', undefined],
      ['i-3', 'owner', undefined],
      ['i-3', 'environment', undefined],
    ]);
    expect(answer.problemCount).toBe(5);
    expect(answer.proposals.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['i-2', 'sure'],
      ['i-1', 'likely'],
    ]);
    expect(answer.coverage.projects.map(({ project, byCost }) => [project, byCost])).toEqual([
      ['recsis', 0],
      ['recsys', 28],
      ['', 100],
    ]);
    expect(answer.required.at(-1)).toEqual({ key: 'environment', values: ['dev', 'staging', 'prod'] });
    expect(answer.required[1]).toEqual({ key: 'owner' });
  });

  it('says which policy would apply instead', () => {
    const [first] = tagsOf(policy, [resource('i-1', { ...good, environment: 'Prod' })]).proposals;
    expect(first?.policy).toEqual({ from: null, to: 'production' });
  });

  it('fits into what a Lambda may answer, whatever there is', () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      resource(`i-${n}`, { Project: 'x'.repeat(250), project: 'Recsys', owner: 'o'.repeat(256) }),
    );
    const answer = tagsOf(policy, many);
    expect(answer.problems).toHaveLength(500);
    expect(answer.problemCount).toBe(20_000);
    expect(answer.proposals).toHaveLength(2_000);
    expect(answer.proposalCount).toBe(10_000);
    expect(JSON.stringify(answer).length).toBeLessThan(2_000_000);
  });
});
