// What each diagnostic code means. A code, once published, keeps its meaning.
#include <algorithm>

#include "sim/scenario/diagnostic.h"

namespace bsim {
namespace {

struct Entry {
    std::string_view code;
    std::string_view text;
};

constexpr Entry kEntries[] = {
    {"E0001",
     "The scenario file cannot be read: it does not exist, is a directory, or the system "
     "refused. The run did not start."},
    {"E0002",
     "The file is larger than 64 MiB and is refused before it is parsed. A scenario of a "
     "million replicas fits in far less."},
    {"E0003",
     "The file is empty, or holds only white space and comments. The smallest scenario "
     "has version, name, duration and a cluster with one broker."},
    {"E0004",
     "The file begins with a byte order mark. JSON is UTF-8 without one; most editors "
     "have a setting that leaves it out."},
    {"E0005",
     "The file holds a NUL byte. Either it is no text, or it is UTF-16; store it as "
     "UTF-8."},
    {"E0006",
     "The file is not valid UTF-8 at this byte. Overlong forms and lone surrogates count "
     "as invalid."},
    {"E0007",
     "The text is not JSON at this place. Reading stops here, so that errors further down "
     "show only after this one is mended. Frequent slips: a comma too many or too few, "
     "single quotes, a value such as 60s without quotes."},
    {"E0008",
     "Arrays and objects are nested deeper than 64 levels. No part of the format needs "
     "more than ten."},
    {"E0009",
     "A key stands twice in the same object. Many JSON readers silently keep the last "
     "one; here it is an error, since one of the two was surely meant otherwise."},
    {"E0010",
     "There is text after the end of the scenario's object: often one closing brace too "
     "many in the middle of the file."},
    {"E0011",
     "The file holds a comment, which strict JSON has not. Name the file .jsonc to allow "
     "// and /* */ comments, or use a top-level key that begins with // or x-."},
    {"E0012",
     "An override does not have the form PTR=VALUE, where PTR is a JSON pointer such as "
     "/duration or /topics/orders/partitions."},
    {"E0013",
     "The JSON pointer of an override leads nowhere: everything but its last step must "
     "exist in the scenario already."},
    {"E0014", "The text holds more values than any scenario needs (four million)."},
    {"E0101",
     "The format has no such key at this place. Unknown keys are errors, so that a slip "
     "of the pen cannot change what a run means. At the top level, keys that begin with "
     "x- or // are free for your own use."},
    {"E0102", "A key is missing that this part of the scenario cannot do without."},
    {"E0103", "The value has the wrong JSON type, for example a string where an object belongs."},
    {"E0104", "The value is not one of the words that the format knows at this place."},
    {"E0105", "The number is too small, too large, or not whole where it must be."},
    {"E0106",
     "A name does not have the form that the format asks for. Ids have lower-case "
     "letters, digits and dashes, and begin with a letter or digit: they become file "
     "names."},
    {"E0107",
     "A physical quantity stands as a bare number. Durations, sizes and rates are strings "
     "with a unit, such as \"60s\", \"256B\" or \"500/s\", so that nobody has to guess. "
     "(Kafka's own settings keep Kafka's units and are bare numbers.)"},
    {"E0108",
     "The text is no quantity of the kind that belongs here. A quantity is a decimal "
     "number directly followed by its unit: ns us ms s m h d for durations, B kB MB GB "
     "KiB MiB GiB TiB for sizes, /s or /m for records per time."},
    {"E0109",
     "The quantity is outside of what the simulator can hold: durations are whole "
     "nanoseconds, longer than zero and shorter than 292 years; sizes are whole bytes."},
    {"E0110",
     "The parameters do not fit the distribution: constant takes mean, uniform min and "
     "max, exponential mean, lognormal median and p99, normal mean and stddev, pareto min and "
     "shape, empirical file. Normal takes min and max, too, and pareto max: a draw beyond them "
     "becomes the nearer one."},
    {"E0111", "The scenario is of a format version that this program does not read."},
    {"E0112",
     "Keys that exclude each other stand together, such as \"at\" and \"when\" of a fault; or "
     "one stands without the other that gives it a meaning, such as \"hold\" without \"when\"."},
    {"E0113",
     "This kind of fault does not take this parameter. Each kind has parameters of its own: "
     "a crash has restart_after, a pause and a partition have for."},
    {"E0114", "An array has too few or too many elements: a link, for example, has two sides."},
    {"E0201",
     "Two faults, or two expectations, have the same id. Ids stand in the trace and in the "
     "results, so each must name one thing. Those that you leave out are made up."},
    {"E0202", "A topic is named that the scenario does not declare under topics."},
    {"E0203", "A broker or controller is named that the scenario does not declare under cluster."},
    {"E0204", "A partition is named that the topic does not have. Partitions count from 0."},
    {"E0205",
     "The assignment does not agree with the topic's partitions and replication: it needs "
     "exactly one list of brokers for each partition, all of the same length."},
    {"E0206", "The same node stands twice where each may stand once."},
    {"E0207",
     "Kafka does not allow this topic name: at most 249 of the characters a-z A-Z 0-9 . _ "
     "-, and neither . nor .. nor a name that Kafka keeps for itself."},
    {"E0208",
     "Two topic names differ only in . and _; Kafka refuses the second, since both would "
     "have the same metric names."},
    {"E0209",
     "The scenario asks for more than the simulator is made for: a million replicas, ten thousand "
     "brokers and controllers, or a hundred thousand instances of producers and consumers."},
    {"E0210", "The expectation names a check that this program does not have."},
    {"E0211",
     "Two times contradict each other, for example a producer that stops before it "
     "starts."},
    {"E0212",
     "min.insync.replicas is greater than the replication factor: no record with acks=all "
     "could ever be written."},
    {"E0213", "A node's id is not a decimal number from 0 to 2147483647 without leading zeros."},
    {"E0214",
     "A rack is named in which no node is. Racks are given to brokers under cluster; a controller "
     "or a client is in none."},
    {"E0215",
     "A producer, consumer or group is named that the scenario does not declare. \"producer:shop\" "
     "means "
     "all instances of that name, \"producer:shop-0\" the first of them."},
    {"E0216",
     "There is no such switch. Switches turn fixes and design choices on and off to replay what "
     "goes wrong without them; what Kafka itself lets you set, stands under config."},
    {"E0217",
     "Two places of the scenario that must agree do not: the group of a consumer and its group.id, "
     "the number of log directories and log.dirs, the size of a value and its serializer."},
    {"E0218",
     "A fault is named that the scenario does not have. A fault without an id of its own is called "
     "fault-1 if it is the first of the list, and so on."},
    {"E0219",
     "Faults wait for each other in a circle by their \"after\", so that none of them would ever "
     "begin."},
    {"E0220",
     "Something waits for the end of a fault that never ends: it has no \"for\", \"until\" or "
     "\"restart_after\", or it is repeated without a limit."},
    {"E0221",
     "The condition can never be true, whatever happens: isr(orders-0) > 3 with three replicas, a "
     "negative count, an event that the run does not record. It is an error, since a fault "
     "that never fires makes a run prove nothing."},
    {"E0222",
     "The trace has no events of this kind, or they do not have this attribute. The kinds and "
     "attributes are those of the trace; n is the node."},
    {"E0223",
     "Kafka has no request of this name. Names are those of Kafka's protocol, such as Produce, "
     "Fetch, AlterPartition or Vote."},
    {"E0224",
     "Kafka has no error of this name. Names are those of Kafka's protocol, such as "
     "NOT_LEADER_OR_FOLLOWER, COORDINATOR_LOAD_IN_PROGRESS or REQUEST_TIMED_OUT."},
    {"E0301",
     "Kafka 3.9 knows no setting of this name at this place. Broker, topic, producer and "
     "consumer settings have names of their own: segment.bytes of a topic is "
     "log.segment.bytes of a broker."},
    {"E0302",
     "The value is not legal for this Kafka setting: Kafka itself would refuse to start "
     "with it, or the simulator's time would stand still."},
    {"E0303", "Two Kafka settings contradict each other, and Kafka refuses the pair."},
    {"E0401",
     "The selector cannot be read, or cannot stand here. Forms: broker:1, brokers, rack:a, "
     "controller:100, controllers, controller (the active one), leader(orders-0), "
     "follower(orders-0, 1), isr(orders-0), clients, producer:p, consumer:c, random(SELECTOR, n), "
     "not SELECTOR. A link of the network takes only those that mean the same nodes all the time."},
    {"E0402",
     "The expression cannot be read at this place. It is made of comparisons such as "
     "isr(orders-0) < 3, leader(orders-0) != none or event(LeaderElected, clean=false), joined by "
     "and, or, not and brackets, 64 levels deep at most."},
    {"E0403",
     "Expressions have no function or word of this name. Nodes are written broker-1 or broker:1, "
     "fault ids stand in target(...)."},
    {"E0404",
     "The types do not fit: numbers are compared with numbers, durations with durations, nodes "
     "with nodes (== and != only), and a trigger must be true or false."},
    {"E0900",
     "This is a correct part of the scenario format, but the program cannot do it yet. It "
     "is refused rather than ignored, so that a run never means less than its scenario "
     "says."},
    {"W0001",
     "The replication factor equals min.insync.replicas: as soon as one replica is out of "
     "the in-sync set, producers with acks=all are refused. One replica more than "
     "min.insync.replicas lets a broker fail unnoticed."},
    {"W0002", "The fault begins when the run has already ended, so it never happens."},
    {"W0003",
     "The replication factor exceeds the number of brokers. The controller will refuse to "
     "create the topic when the run gets there."},
    {"W0004",
     "The setting is a real one of Kafka 3.9 and its value is legal, but the simulator "
     "does not act on it yet: the run behaves as if it had its default."},
    {"W0005",
     "The simulator derives this setting from other parts of the scenario (the cluster's "
     "nodes and ids), and what stands here changes nothing."},
    {"W0006",
     "The node, producer or consumer begins when the run has already ended, so it never does "
     "anything."},
    {"W0007",
     "The probability is that of each message, and without a count the fault means a single "
     "one: mostly nothing will happen. A count says how many messages the draw is for."},
    {"W0008",
     "The number of voters is even. A majority of four is three, so four voters survive the loss "
     "of one, as three do; the fourth only adds one more that can fail."},
    {"W0009",
     "The expectation begins to count when the run has already ended, so it is never put to the "
     "test."},
    {"W0010",
     "The expectation is that acknowledged records are durable, and a setting permits their loss: "
     "acks below all, or an unclean election. The check reports such a loss as permitted, and the "
     "expectation does not hold if there is one. Use acks=all and no unclean elections, or declare "
     "the outcome violated to show the loss."},
    {"W0011", "This kind of fault is made to be repeated, and without \"every\" it strikes once."},
    {"W0012",
     "The probability is 0, so the fault never happens. Leave it out for a fault that always "
     "does."},
    {"W0013",
     "The topic __consumer_offsets is made with offsets.topic.replication.factor replicas, 3 "
     "without a setting, and with fewer brokers it cannot be made: no group finds its coordinator, "
     "and its members never consume a record. Set the factor under cluster/defaults/config to the "
     "number of brokers at most."},
};

}  // namespace

std::optional<std::string_view> explain_code(std::string_view code) {
    const auto at = std::find_if(std::begin(kEntries), std::end(kEntries),
                                 [&](const Entry& entry) { return entry.code == code; });
    return at == std::end(kEntries) ? std::nullopt : std::optional(at->text);
}

std::vector<std::string_view> all_codes() {
    std::vector<std::string_view> codes;
    for (const Entry& entry : kEntries) {
        codes.push_back(entry.code);
    }
    return codes;
}

}  // namespace bsim
