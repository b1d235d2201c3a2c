#pragma once
// A test double: passes everything on, but fails the n-th operation, once. A write that is failed
// may first leave half of its bytes, as a torn write does.

#include "sim/storage/disk.h"

namespace bsim::test {

class FaultyDisk final : public Disk {
  public:
    explicit FaultyDisk(Disk& below) : below_(below) {}

    // Counts from here; 0 fails nothing.
    void fail_at(int operation, bool tear) {
        count_ = 0;
        target_ = operation;
        tear_ = tear;
        failed_ = false;
    }
    bool has_failed() const { return failed_; }
    int operations() const { return count_; }

    Stored<FileId> open(const std::string& path, OpenMode mode) override {
        if (fails())
            return error(path);
        return below_.open(path, mode);
    }
    void close(FileId file) override { below_.close(file); }
    Stored<std::uint64_t> size(FileId file) override {
        if (fails())
            return error("size");
        return below_.size(file);
    }
    Stored<std::size_t> read(FileId file, std::uint64_t at, MutableBytes into) override {
        if (fails())
            return error("read");
        return below_.read(file, at, into);
    }
    Stored<Done> write(FileId file, std::uint64_t at, ByteView bytes) override {
        return write2(file, at, bytes, {});
    }
    Stored<Done> write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) override {
        if (!fails())
            return below_.write2(file, at, head, tail);
        if (tear_) {
            const auto torn = below_.write2(file, at, head, tail.first(tail.size() / 2));
            if (!torn.ok())
                return torn;
        }
        return error("write");
    }
    Stored<Done> resize(FileId file, std::uint64_t size) override {
        if (fails())
            return error("resize");
        return below_.resize(file, size);
    }
    Stored<Done> sync(FileId file) override {
        if (fails())
            return error("sync");
        return below_.sync(file);
    }
    Stored<Done> rename(const std::string& from, const std::string& to) override {
        if (fails())
            return error(from);
        return below_.rename(from, to);
    }
    Stored<Done> remove(const std::string& path) override {
        if (fails())
            return error(path);
        return below_.remove(path);
    }
    Stored<bool> exists(const std::string& path) override {
        if (fails())
            return error(path);
        return below_.exists(path);
    }
    Stored<std::vector<std::string>> list(const std::string& dir) override {
        if (fails())
            return error(dir);
        return below_.list(dir);
    }
    Stored<Done> make_dirs(const std::string& dir) override {
        if (fails())
            return error(dir);
        return below_.make_dirs(dir);
    }
    Stored<Done> sync_dir(const std::string& dir) override {
        if (fails())
            return error(dir);
        return below_.sync_dir(dir);
    }

  private:
    bool fails() {
        if (++count_ != target_)
            return false;
        failed_ = true;
        return true;
    }
    static Err<StorageError> error(const std::string& path) {
        return Err{StorageError{StorageErrorKind::Io, path, "injected"}};
    }

    Disk& below_;
    int count_ = 0;
    int target_ = 0;
    bool tear_ = false;
    bool failed_ = false;
};

}  // namespace bsim::test
