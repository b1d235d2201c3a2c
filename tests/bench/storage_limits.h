#pragma once
// What the machine allows, by the least code that does the same work on the same file system:
// batches of 16 KiB to a new file of the directory, by system calls and nothing around them.
// Each function is a round of its own on new files and returns 10^9 bytes per second of CPU time.
// The index is Kafka's: for every batch, as each is longer than index.interval.bytes, an entry of 8
// bytes and one of 12 go to files that are mapped into memory.

#include <exception>
#include <string>
#include <vector>

#include "tests/bench/storage_batches.h"

namespace bsim::bench {

struct WriteLimit {
    bool check_crc = false;
    bool index = false;
    std::size_t per_write = 1;  // batches; above 1: writev
};
double limit_of_writes(const std::string& dir, const Batches& batches, const WriteLimit& how);

// The CRC alone, of bytes that are in memory.
double limit_of_crc(const Batches& batches);

// pread of 16 KiB each into the same buffer, from what is in the page cache.
double limit_of_reads(const std::string& dir, const Batches& batches, bool check_crc);

// The directory cannot be written: what the system says.
class CannotWrite : public std::exception {
  public:
    explicit CannotWrite(std::string what) : what_(std::move(what)) {}
    const char* what() const noexcept override { return what_.c_str(); }

  private:
    std::string what_;
};

}  // namespace bsim::bench
