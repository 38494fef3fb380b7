import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

/** Of Slack's reference of the app manifest, what ours uses, with its limits. A field of another name is refused there. */
const ManifestSchema = z.strictObject({
  _metadata: z.strictObject({ major_version: z.number().int(), minor_version: z.number().int() }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.strictObject({
    interactivity: z.strictObject({
      is_enabled: z.literal(true),
      request_url: z.url({ protocol: /^https$/ }),
    }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(false),
    token_rotation_enabled: z.literal(false),
  }),
});

it('the manifest asks for what is needed and no more', () => {
  const text = readFileSync(new URL('../../docs/slack-app-manifest.yaml', import.meta.url), 'utf8');
  const manifest = ManifestSchema.parse(parse(text));
  expect(manifest.oauth_config.scopes.bot).toEqual(['chat:write', 'chat:write.public', 'usergroups:read']);
});
