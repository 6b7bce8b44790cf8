/**
 * What passes between the engine and the world.
 *
 * @typedef {object} Limits those settings that the engine goes by; durations are milliseconds
 * @property {string} queueTopic
 * @property {string} controlTopic
 * @property {string} group
 * @property {number} concurrency
 * @property {number} backlog
 * @property {number} drain
 * @property {boolean} stopWhenLost
 *
 * @typedef {object} Message
 * @property {number} partition
 * @property {number} offset
 * @property {number} at microseconds, the broker's clock
 * @property {Buffer | null} value
 * @property {string | null} traceparent
 * @property {string} [why] there is no value: it stands for a batch that cannot be unpacked, up to this offset
 *
 * @typedef {object} Spot where reading of a partition is to begin
 * @property {number} partition
 * @property {number | null} stored the group's position; null: it has none
 * @property {number | null} oldest without one: the first message of the backlog; null: there is none
 * @property {number} end of what may be read now
 *
 * @typedef {object} Output a record to be published
 * @property {'status' | 'logs' | 'heartbeats'} topic
 * @property {number} partition
 * @property {string} key
 * @property {Buffer} value
 *
 * @typedef {object} Port what the engine does to the world. None of it waits
 * @property {(generation: number, partitions: Map<number, boolean>) => void} locate located or notLocated answers; true: the group's position is gone from the topic
 * @property {(generation: number, starts: Map<number, number>) => void} begin these partitions are read, too, from there on
 * @property {(room: number) => void} read so many messages at most, waiting for the first; fetched answers
 * @property {() => void} release nothing of the assignment is read any more
 * @property {(commit: {positions: Map<number, number>}) => void} store stored answers
 * @property {() => void} leave left answers
 * @property {(scan: number, partitions: number[], since: number) => void} scan `status` from that instant to its ends: reported and then scanned
 * @property {() => void} stopScan
 * @property {(output: Output, run: import('./run.js').Run) => void} send answered or, of heartbeats, beatAnswered
 * @property {(runs: import('./run.js').Run[]) => void} start their handlers; ended answers
 * @property {(run: import('./run.js').Run, cause: string) => void} tell its handler, the cause
 * @property {(run: import('./run.js').Run, isLost: boolean) => void} contact whether the brokers hear of it
 * @property {(run: import('./run.js').Run) => void} close what its handler says from now on is for nobody
 * @property {(level: 'INFO' | 'WARN' | 'ERROR', text: string) => void} notice
 */
export {}
