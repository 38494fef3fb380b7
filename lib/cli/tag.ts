import { Command } from 'commander';
import type { Tags } from '../people/tags-answer.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import type { Remote } from './remote.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';
import type { Fixed, Wanted } from './tag-fix.ts';

interface Options extends RemoteOptions {
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly likely?: boolean;
  readonly dryRun?: boolean;
}

const HELP = `
Which tags every resource must carry, and with which values, is said under
requiredTags in the policy file. --fix proposes what can be told: from the same
tag or value in another spelling, from the owner of the project in the policy
file, and from what else the same person made. An allowed value is never
replaced. Sure ones are asked for together, likely ones each by itself.

A tag decides which policy applies: what is tagged as development may be
stopped by it. What CloudFormation, Terraform and the like have made should be
tagged there too, or their next run may take the tags off again.

Tags are written by your own AWS credentials, in the region of each resource.
They need tag:TagResources, and of each service its own permission:
ec2:CreateTags, sagemaker:AddTags, rds:AddTagsToResource,
autoscaling:CreateOrUpdateTags, elasticloadbalancing:AddTags.

Exit codes:
  0  all resources carry all required tags, or do now
  1  some do not, or are not known; a tag could not be written, or you said no
  2  it could not be run, or nobody was there to say yes

Examples:
  $ bursar tag
  $ bursar tag --fix
  $ bursar tag --fix --dry-run
  $ bursar tag --fix --yes --json | jq '.tagged[] | select(.status == "failed")'`;

/** `bursar tag`: which required tags are missing or wrong, and with `--fix` what would mend it. */
export const tagCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('tag')
      .description('which required tags are missing or wrong; --fix proposes and writes them')
      .option('--fix', 'propose tags, and write those that you say yes to')
      .option('-y, --yes', 'write the sure ones without asking')
      .option('--likely', 'with --yes, the likely ones too')
      .option('--dry-run', 'propose, and write nothing'),
  )
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      checkOptions(options);
      const [{ connect }, { TagsAnswerSchema }] = await Promise.all([
        import('./remote.ts'),
        import('../people/tags-answer.ts'),
      ]);
      const remote = await connect(options);
      const look = async (): Promise<Tags> => (await remote.ask({ ask: 'tags' }, TagsAnswerSchema)).tags;
      const tags = await look();
      done(
        options.fix === true ? await mend(tags, look, io, options) : await tell(tags, remote, io, options),
      );
    });

/** @throws UsageError before anything is asked */
function checkOptions({ fix, yes, likely, dryRun }: Options): void {
  const needsFix = [
    { given: yes, name: '--yes' },
    { given: likely, name: '--likely' },
    { given: dryRun, name: '--dry-run' },
  ].find(({ given }) => given === true);
  if (fix !== true && needsFix !== undefined) {
    throw new UsageError(`${needsFix.name} says how to fix. Write bursar tag --fix ${needsFix.name}.`);
  }
  if (likely === true && yes !== true) {
    throw new UsageError(
      '--likely writes guesses without asking. Write --yes --likely, or leave it out to be asked.',
    );
  }
}

/** What is not known is not well. */
const isWell = ({ problemCount, unread }: Tags, fixed = 0): boolean =>
  problemCount - fixed === 0 && unread.length === 0;

async function tell(tags: Tags, remote: Remote, io: Io, { json }: Options): Promise<ExitCode> {
  const ok = isWell(tags);
  if (json === true) io.out(JSON.stringify({ ok, ...tags }, null, 2));
  else {
    const { plural, tagLines } = await import('./tag-lines.ts');
    for (const line of tagLines(tags, `${remote.stack} in ${remote.region}`, io)) io.out(line);
    const { proposalCount } = tags;
    if (proposalCount > 0) {
      io.out('');
      io.out(`${plural(proposalCount, 'mend')} can be proposed: bursar tag --fix`);
    }
  }
  return ok ? EXIT.ok : EXIT.no;
}

async function mend(tags: Tags, look: () => Promise<Tags>, io: Io, options: Options): Promise<ExitCode> {
  const { proposalLines } = await import('./tag-lines.ts');
  const { asking, fix, stillProposed, withoutAsking } = await import('./tag-fix.ts');
  // Whoever reads JSON reads nothing else on stdout; who is asked must see for what.
  const isAsked = options.dryRun !== true && options.yes !== true && tags.proposals.length > 0;
  const say = options.json !== true ? io.out : isAsked ? io.err : () => {};
  for (const line of proposalLines(tags, io)) say(line);
  if (options.dryRun === true) return finish(tags, [], io, options);

  let wanted: Wanted;
  if (!isAsked) wanted = withoutAsking(tags, options.likely === true);
  else if (io.confirm === undefined) {
    throw new UsageError(
      'Nobody is at a terminal to say yes, so nothing was tagged. Give --yes to write the sure ones without asking.',
    );
  } else wanted = await asking(tags, io.confirm);
  // Answers take time: what was proposed before them is looked at once more.
  const { go, changed } =
    isAsked && wanted.chosen.length > 0
      ? stillProposed(wanted.chosen, await look())
      : { go: wanted.chosen, changed: [] };
  return finish(tags, [...(await fix(go, io, options)), ...changed, ...wanted.declined], io, options);
}

/** What was done to each, and what is left. */
async function finish(tags: Tags, fixed: readonly Fixed[], io: Io, { json }: Options): Promise<ExitCode> {
  const tagged = fixed.filter(({ status }) => status === 'tagged');
  // Each tag that is set mends one problem.
  const mended = tagged.reduce((sum, { proposal }) => sum + Object.keys(proposal.set).length, 0);
  const failed = fixed.filter(({ status }) => status === 'failed' || status === 'not-tried').length;
  const remaining = tags.problemCount - mended;
  const ok = failed === 0 && isWell(tags, mended);
  if (json === true) {
    const results = fixed.map(({ proposal, ...rest }) => ({ ...proposal, ...rest }));
    io.out(JSON.stringify({ ok, ...tags, tagged: results, mended, remaining }, null, 2));
    return ok ? EXIT.ok : EXIT.no;
  }
  const [{ plural }, { fixedLines }] = await Promise.all([import('./tag-lines.ts'), import('./tag-fix.ts')]);
  if (fixed.length > 0) for (const line of ['', ...fixedLines(fixed, io)]) io.out(line);
  io.out('');
  io.out(
    [
      ...(fixed.length === 0 ? [] : [`${plural(mended, 'tag')} written`]),
      ...(failed === 0 ? [] : [`${failed} failed`]),
      remaining === 0
        ? 'no problem remains'
        : `${plural(remaining, 'problem')} ${remaining === 1 ? 'remains' : 'remain'}`,
      ...(tags.unread.length === 0 ? [] : [`${plural(tags.unread.length, 'kind')} could not be listed`]),
    ].join(', '),
  );
  return ok ? EXIT.ok : EXIT.no;
}
