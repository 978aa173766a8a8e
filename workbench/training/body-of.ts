import type { Body } from '../../src/model/network.ts';
import type { Architecture } from '../../src/model/network-config.ts';
import { spt } from '../../src/model/spt.ts';
import { amformer } from '../comparison/amformer.ts';
import { cnn, mlp, transformer } from '../comparison/baselines.ts';

const BODIES: Readonly<Record<Architecture, Body>> = { spt, cnn, mlp, transformer, amformer };

/** The body of a network by its architecture's name. Services know SPT alone. */
export const bodyOf = ({ architecture }: { readonly architecture: Architecture }): Body =>
  BODIES[architecture];
