/** The assignor `range`, as Java's and librdkafka's have it: each topic's partitions in a row, shared out in the order of the members' names. Pure. */

/**
 * members: [{memberId, topics}]; partitions: topic -> how many. Of each member: topic -> its partitions.
 * Who comes first has one more where they do not come out even.
 */
export function assignRange (members, partitions) {
  const assigned = new Map(members.map(({ memberId }) => [memberId, {}]))
  for (const [topic, count] of partitions) {
    const takers = members.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId).sort(byCode)
    let first = 0
    takers.forEach((memberId, number) => {
      const size = Math.floor(count / takers.length) + (number < count % takers.length ? 1 : 0)
      if (size > 0) assigned.get(memberId)[topic] = Array.from({ length: size }, (_, at) => first + at)
      first += size
    })
  }
  return assigned
}

const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
