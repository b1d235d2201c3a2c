#pragma once
// The file below an index: fixed-size entries, pre-allocated as zeros up to a maximum while its
// segment is active, trimmed to its entries when the segment is rolled or closed. What a killed
// process leaves is the padded file; recovery rebuilds it.
// Entries are kept in memory by the index above; this class only moves bytes.
// Source: AbstractIndex.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/storage/disk.h"

namespace bsim {

class IndexFile {
  public:
    // Opens the file, or makes it with floor(max_bytes / entry_size) * entry_size bytes of zeros.
    static Stored<IndexFile> open(Disk& disk,
                                  const std::string& path,
                                  std::uint32_t entry_size,
                                  std::int32_t max_bytes);

    bool created() const { return created_; }
    std::int64_t length() const { return length_; }
    std::int64_t max_entries() const { return length_ / entry_size_; }
    // The whole content, for an index that was just opened.
    Stored<std::vector<std::uint8_t>> read_all() const;
    // Writes the entry in slot `slot`.
    Stored<Done> put(std::int64_t slot, ByteView entry);
    Stored<Done> resize_to_entries(std::int64_t entries);
    Stored<Done> resize_to_max();
    Stored<Done> sync() const { return file_.sync(); }
    void close() { file_.close(); }

  private:
    File file_;
    std::uint32_t entry_size_ = 1;
    std::int32_t max_bytes_ = 0;
    std::int64_t length_ = 0;
    bool created_ = false;
};

}  // namespace bsim
