#include "tests/bench/storage_engine.h"

#include "sim/storage/page_cache_disk.h"
#include "sim/storage/partition_log.h"
#include "sim/storage/posix_disk.h"
#include "sim/storage/remove_tree.h"
#include "sim/wire/record_batch.h"
#include "tests/bench/measure.h"
#include "tests/bench/storage_limits.h"

namespace bsim::bench {
namespace {

constexpr WallMs kNow{1'700'000'100'000};
constexpr const char* kLogDir = "orders-0";

template <class T>
T must(Stored<T> result) {
    if (!result.ok())
        throw CannotWrite(result.error().to_string());
    return std::move(result).value();
}

// A node's disk with one log, which is removed at the end.
class LogOnDisk {
  public:
    explicit LogOnDisk(const std::string& dir)
        : posix_(must(PosixDisk::open_root(dir, kDefaultMaxOpenDescriptors))), cache_(*posix_) {}
    ~LogOnDisk() { static_cast<void>(remove_tree(*posix_, kLogDir)); }
    LogOnDisk(const LogOnDisk&) = delete;
    LogOnDisk& operator=(const LogOnDisk&) = delete;

    // As after a kill: everything is in the files, nothing is known to be on the device.
    PartitionLog open() {
        LogOpening opening;
        opening.dir = kLogDir;
        opening.now = kNow;
        return must(PartitionLog::open(cache_, opening));
    }
    // Until the system has what waits in memory, nothing was written.
    void flush() { must(posix_->flush()); }

  private:
    std::unique_ptr<PosixDisk> posix_;
    PageCacheDisk cache_;
};

std::size_t fill(PartitionLog& log, const Batches& batches) {
    std::size_t bytes = 0;
    for (const SharedBytes& batch : batches) {
        const AppendInfo info =
            must(log.append_as_leader(batch, LeaderEpoch(1), kNow, AppendOrigin::Client));
        bytes += static_cast<std::size_t>(info.bytes);
    }
    return bytes;
}

// From `before` until now.
double gb_per_s(std::size_t bytes, double before) {
    return static_cast<double>(bytes) * 1e-9 / (cpu_seconds() - before);
}

}  // namespace

double append_as_leader(const std::string& dir, const Batches& batches) {
    LogOnDisk disk(dir);
    PartitionLog log = disk.open();
    const double before = cpu_seconds();
    const std::size_t bytes = fill(log, batches);
    disk.flush();
    return gb_per_s(bytes, before);
}

double append_as_follower(const std::string& dir, const Batches& sets) {
    LogOnDisk disk(dir);
    PartitionLog log = disk.open();
    std::size_t bytes = 0;
    const double before = cpu_seconds();
    for (const SharedBytes& set : sets)
        bytes += static_cast<std::size_t>(must(log.append_as_follower(set, kNow)).bytes);
    disk.flush();
    return gb_per_s(bytes, before);
}

double read_in_order(const std::string& dir, const Batches& batches, std::int32_t max_bytes) {
    LogOnDisk disk(dir);
    PartitionLog log = disk.open();
    fill(log, batches);
    // How far each read comes, as the reader finds out when it takes the batches apart.
    std::vector<Offset> ends;
    for (const SharedBytes& batch : batches) {
        const auto header = wire::parse_batch_header(batch.view());
        const Offset from = ends.empty() ? Offset(0) : ends.back();
        ends.push_back(from + header->records_count);
    }
    ReadSpec spec;
    spec.max_bytes = max_bytes;
    spec.upper_bound = log.leo();
    std::size_t bytes = 0;
    std::size_t next = 0;
    const double before = cpu_seconds();
    while (spec.from < log.leo()) {
        const ReadInfo info = must(log.read(spec));
        bytes += info.bytes.size();
        next += info.bytes.size() / batches.front().size();
        spec.from = ends[next - 1];
    }
    return gb_per_s(bytes, before);
}

Recovery recover(const std::string& dir, const Batches& batches) {
    LogOnDisk disk(dir);
    std::size_t bytes = 0;
    {
        PartitionLog log = disk.open();
        bytes = fill(log, batches);
    }
    const double wall_before = wall_seconds();
    const double cpu_before = cpu_seconds();
    const PartitionLog log = disk.open();
    const Recovery rates{gb_per_s(bytes, cpu_before),
                         static_cast<double>(bytes) * 1e-9 / (wall_seconds() - wall_before)};
    BSIM_CHECK(log.recovery().bytes_recovered == static_cast<std::int64_t>(bytes));
    return rates;
}

}  // namespace bsim::bench
