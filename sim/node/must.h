#pragma once
// Takes the value of a storage operation that nobody expects to fail. If it does fail, either the
// simulated device is full: the process then ends on the spot, as Kafka's Exit.halt() does where
// the metadata log or the only log directory fails (Simulation catches what is thrown). Or the real
// disk below refused (full, unwritable): the run ends with an I/O error (exit code 6).

#include <stdexcept>
#include <utility>

#include "sim/base/host_error.h"
#include "sim/storage/storage_error.h"

namespace bsim {

// Ends the process that the code belongs to, and is thrown in no event but one of its own.
class DiskFailed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

template <class T>
T must(Stored<T> result) {
    if (!result.ok() && result.error().kind == StorageErrorKind::NoSpace)
        throw DiskFailed(result.error().to_string());
    if (!result.ok())
        throw HostError(result.error().to_string());
    return std::move(result).value();
}

}  // namespace bsim
