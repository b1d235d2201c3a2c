#include "sim/storage/io_cost.h"

namespace bsim {

IoCost& IoCost::operator+=(const IoCost& other) {
    writes += other.writes;
    bytes_written += other.bytes_written;
    reads += other.reads;
    bytes_read += other.bytes_read;
    device_reads += other.device_reads;
    device_bytes_read += other.device_bytes_read;
    fsyncs += other.fsyncs;
    idle_fsyncs += other.idle_fsyncs;
    fsynced_bytes += other.fsynced_bytes;
    metadata_ops += other.metadata_ops;
    return *this;
}

}  // namespace bsim
