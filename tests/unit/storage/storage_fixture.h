#pragma once
// What the storage tests share: a disk in a temporary directory, file helpers, batches by hand.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/storage/page_cache_disk.h"
#include "sim/storage/partition_log.h"
#include "sim/storage/posix_disk.h"
#include "sim/wire/batch_builder.h"
#include "tests/support/temp_dir.h"

namespace bsim::test {

using Bytes = std::vector<std::uint8_t>;

// The value of a Result; fails the test and throws otherwise.
template <class T>
T must(Stored<T> result) {
    if (!result.ok())
        throw std::runtime_error(result.error().to_string());
    return std::move(result).value();
}

// Where temporary directories are in memory, if the system has such a place: the storage tests make
// many small files.
std::string memory_dir();

Bytes slurp(const std::string& path);
void spill(const std::string& path, const Bytes& bytes);
// Copies a directory of tests/data/golden/ to `to`.
void copy_golden(const std::string& name, const std::string& to);
// File names in a directory, sorted.
std::vector<std::string> file_names(const std::string& dir);

class StorageTest : public ::testing::Test {
  protected:
    StorageTest();

    std::string at(const std::string& name) const { return temp_ / name; }
    Stored<PartitionLog> open(const std::string& dir, const LogConfig& config);
    Stored<PartitionLog> open_clean(const std::string& dir, const LogConfig& config);
    Bytes file(const std::string& dir, Offset base, std::string_view suffix) const;

    TempDir temp_{memory_dir()};
    std::unique_ptr<PosixDisk> posix_;
    std::unique_ptr<PageCacheDisk> disk_;
    WallMs now_{1'700'000'000'000};
};

struct BatchSpec {
    int records = 1;
    std::int64_t timestamp = 1'700'000'000'000;
    std::int64_t timestamp_step = 0;
    std::size_t value_bytes = 20;
    std::int64_t producer = -1;
    std::int16_t epoch = -1;
    std::int32_t sequence = -1;
    std::int64_t base_offset = 0;
    std::int32_t leader_epoch = -1;
    bool transactional = false;
};
SharedBytes make_batch(const BatchSpec& spec);
SharedBytes make_marker(const BatchSpec& spec, bool commit, std::int32_t coordinator_epoch);
SharedBytes concat(const std::vector<SharedBytes>& parts);

AppendInfo append(PartitionLog& log, const BatchSpec& spec, int epoch, WallMs now);

}  // namespace bsim::test
