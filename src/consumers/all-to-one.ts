import kafkajs, { type PartitionAssigner } from 'kafkajs'; // Node sees only some of its names

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const NAME = 'AllToOne';
const VERSION = 0;

/**
 * Gives all partitions to one member of the group, the others are spares: for who puts records of several partitions
 * together.
 */
export const allToOne: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,
  async assign({ members, topics }) {
    const [first] = members.map(({ memberId }) => memberId).sort();
    return members.map(({ memberId }) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(
          memberId === first
            ? topics.map((topic) => [
                topic,
                cluster.findTopicPartitionMetadata(topic).map((each) => each.partitionId),
              ])
            : [],
        ),
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
  }),
});
