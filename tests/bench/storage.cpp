// The storage engine beside what the machine allows: appends, reads and recovery of one log, in
// batches of 16 KiB that a producer made, and the same bytes by bare system calls.
//
//     storage [DIR [ROUNDS]]
//
// DIR is on the file system to measure; a directory of its own is made there and removed (default:
// the system's place for temporary files). Prints "row,gb_per_s,ratio,of" below a header: 10^9
// bytes per second of CPU time (the system's share included) as the median of the rounds, and the
// median of the ratios to the row named last, each within one round.
// Exit codes: 2 wrong usage, 6 the directory cannot be written.

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "tests/bench/measure.h"
#include "tests/bench/storage_batches.h"
#include "tests/bench/storage_engine.h"
#include "tests/bench/storage_limits.h"

namespace bsim::bench {
namespace {

constexpr std::size_t kBatches = 8192;  // 128 MiB
constexpr std::size_t kPerSet = 16;
constexpr int kDefaultRounds = 9;

class TempDir {
  public:
    explicit TempDir(const std::string& parent) : path_(parent + "/bsim-bench-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr)
            throw CannotWrite(parent + ": " + std::strerror(errno));
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// What was measured elsewhere, on another machine, so that these ratios are only a hint: GB/s of
// CPU time where a name does not say more. Of Kafka's appends only the payload was counted.
constexpr const char* kRocksDb = "recorded: RocksDB WAL put";
constexpr const char* kLevelDb = "recorded: LevelDB put";
constexpr const char* kKafka100 = "recorded: Kafka append of 100-B records";
constexpr const char* kKafka1000 = "recorded: Kafka append of 1-KiB records";
constexpr const char* kKafkaRecovery = "recorded: Kafka recovery (wall time)";

std::vector<Row> recorded_rows() {
    const auto row = [](const char* name, double rate) {
        return Row{name, [rate] { return rate; }, {}};
    };
    return {row(kRocksDb, 0.84), row(kLevelDb, 0.91), row(kKafka100, 1.011), row(kKafka1000, 1.536),
            row(kKafkaRecovery, 1.7)};
}

struct Load {
    std::string dir;
    Batches small;      // of 100-B records
    Batches large;      // of 1-KiB records
    Batches fetched;    // the large ones, one by one
    Batches sets;       // the same, sixteen at a time
    Recovery recovery;  // of the last round
};

constexpr const char* kWrite = "limit: write";
constexpr const char* kCheckedWrite = "limit: CRC + write + index";
constexpr const char* kCheckedWritev = "limit: CRC + writev of 16 + index";
constexpr const char* kPread = "limit: pread";
constexpr const char* kCheckedPread = "limit: CRC + pread";

std::vector<Row> limit_rows(const Load& load) {
    const auto writes = [&load](const WriteLimit& how) {
        return [&load, how] { return limit_of_writes(load.dir, load.large, how); };
    };
    const auto reads = [&load](bool check_crc) {
        return [&load, check_crc] { return limit_of_reads(load.dir, load.large, check_crc); };
    };
    return {{kWrite, writes({false, false, 1}), {}},
            {"limit: write + index", writes({false, true, 1}), {kWrite}},
            {"limit: CRC + write", writes({true, false, 1}), {kWrite}},
            {kCheckedWrite, writes({true, true, 1}), {kWrite}},
            {kCheckedWritev, writes({true, true, kPerSet}), {kWrite}},
            {"limit: CRC", [&load] { return limit_of_crc(load.large); }, {}},
            {kPread, reads(false), {}},
            {kCheckedPread, reads(true), {kPread}}};
}

std::vector<Row> engine_rows(Load& load) {
    const auto append = [&load](const Batches& batches) {
        return [&load, &batches] { return append_as_leader(load.dir, batches); };
    };
    const auto follow = [&load](const Batches& sets) {
        return [&load, &sets] { return append_as_follower(load.dir, sets); };
    };
    const auto read = [&load](std::int32_t max_bytes) {
        return [&load, max_bytes] { return read_in_order(load.dir, load.large, max_bytes); };
    };
    const auto recovery = [&load] {
        load.recovery = recover(load.dir, load.large);
        return load.recovery.of_cpu_time;
    };
    return {
        {"append by a leader: 1-KiB records",
         append(load.large),
         {kCheckedWrite, kCheckedWritev, kKafka1000, kRocksDb, kLevelDb}},
        {"append by a leader: 100-B records",
         append(load.small),
         {kCheckedWrite, kCheckedWritev, kKafka100}},
        // Followers look at no records: this is just the work of the limit.
        {"append by a follower: one batch at a time", follow(load.fetched), {kCheckedWrite}},
        {"append by a follower: sets of 16", follow(load.sets), {kCheckedWrite, kCheckedWritev}},
        {"read: 16 KiB at a time", read(kBatchBytes), {kPread}},
        {"read: 1 MiB at a time", read(1 << 20), {kPread}},
        {"recovery", recovery, {kCheckedPread}},
        {"recovery (wall time)", [&load] { return load.recovery.of_wall_time; }, {kKafkaRecovery}}};
}

void run(const std::string& parent, int rounds) {
    const TempDir dir(parent);
    Load load;
    load.dir = dir.path();
    load.small = make_batches(kBatches, 100);
    load.large = make_batches(kBatches, 1024);
    load.fetched = make_fetched(load.large, 1);
    load.sets = make_fetched(load.large, kPerSet);
    std::vector<Row> rows = limit_rows(load);
    for (auto& more : {engine_rows(load), recorded_rows()})
        rows.insert(rows.end(), more.begin(), more.end());
    run_and_print(std::move(rows), rounds);
}

std::optional<int> parse_rounds(const char* text) {
    int rounds = 0;
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, rounds);
    if (error != std::errc() || stop != end || rounds < 1)
        return {};
    return rounds;
}

}  // namespace
}  // namespace bsim::bench

int main(int argc, char** argv) {
    using namespace bsim::bench;
    const auto rounds = argc > 2 ? parse_rounds(argv[2]) : std::optional(kDefaultRounds);
    if (argc > 3 || !rounds || (argc > 1 && argv[1][0] == '-')) {
        std::fputs("usage: storage [DIR [ROUNDS]]\n", stderr);
        return 2;
    }
    try {
        run(argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string(), *rounds);
    } catch (const CannotWrite& failure) {
        std::fprintf(stderr, "storage: %s\n", failure.what());
        return 6;
    }
    return 0;
}
