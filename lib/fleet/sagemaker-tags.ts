import { ListTagsCommand } from '@aws-sdk/client-sagemaker';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';

/** All tags of a SageMaker resource. */
export async function tagsOf(
  ResourceArn: string,
  { clients }: FleetContext,
): Promise<Readonly<Record<string, string>>> {
  const tags = await allPages(async (NextToken) => {
    const page = await clients.sagemaker.send(
      new ListTagsCommand({ ResourceArn, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    return { items: page.Tags, next: page.NextToken };
  });
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
