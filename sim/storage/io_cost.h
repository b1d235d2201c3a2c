#pragma once
// What a stretch of work cost the disk, in operations and bytes. PageCacheDisk counts it, the
// device model turns it into time.

#include <cstdint>

namespace bsim {

struct IoCost {
    std::int64_t writes = 0;  // write calls, index entries included
    std::int64_t bytes_written = 0;
    std::int64_t reads = 0;
    std::int64_t bytes_read = 0;
    std::int64_t device_reads = 0;  // of what was not in memory
    std::int64_t device_bytes_read = 0;
    std::int64_t fsyncs = 0;         // of files and directories, with something to bring over
    std::int64_t idle_fsyncs = 0;    // with nothing new since the last one
    std::int64_t fsynced_bytes = 0;  // dirty bytes that those fsyncs had to bring to the device
    std::int64_t metadata_ops = 0;   // create, rename, remove, resize, make_dirs

    bool operator==(const IoCost&) const = default;
    IoCost& operator+=(const IoCost& other);
    bool is_zero() const { return *this == IoCost{}; }
};

}  // namespace bsim
