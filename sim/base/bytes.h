#pragma once
// Byte strings. SharedBytes is an immutable, reference-counted slice: a record batch is made once
// and travels from producer to disk to follower without a copy. ByteWriter and ByteReader put and
// take big-endian integers, as every Kafka format has them.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <boost/endian/conversion.hpp>

#include "sim/base/check.h"

namespace bsim {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Int>
Int load_be(const std::uint8_t* at) {
    return boost::endian::endian_load<Int, sizeof(Int), boost::endian::order::big>(at);
}

template <class Int>
void store_be(std::uint8_t* at, Int value) {
    boost::endian::endian_store<Int, sizeof(Int), boost::endian::order::big>(at, value);
}

// An immutable slice of a shared buffer.
class SharedBytes {
  public:
    SharedBytes() = default;
    explicit SharedBytes(std::vector<std::uint8_t> bytes) {
        auto owner = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
        view_ = ByteView(*owner);
        owner_ = std::move(owner);
    }
    static SharedBytes copy_of(ByteView bytes) {
        return SharedBytes(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }

    ByteView view() const { return view_; }
    const std::uint8_t* data() const { return view_.data(); }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

    SharedBytes slice(std::size_t from, std::size_t count) const {
        BSIM_CHECK(from + count <= view_.size());
        SharedBytes part;
        part.owner_ = owner_;
        part.view_ = view_.subspan(from, count);
        return part;
    }

    bool operator==(const SharedBytes& other) const {
        return size() == other.size() &&
               (empty() || std::memcmp(data(), other.data(), size()) == 0);
    }

  private:
    std::shared_ptr<const void> owner_;
    ByteView view_;
};

// Appends to a growing buffer.
class ByteWriter {
  public:
    template <class Int>
    void put_int(Int value) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + sizeof(Int));
        store_be(bytes_.data() + at, value);
    }
    void put_i8(std::int8_t v) { put_int(v); }
    void put_i16(std::int16_t v) { put_int(v); }
    void put_i32(std::int32_t v) { put_int(v); }
    void put_i64(std::int64_t v) { put_int(v); }
    void put_u32(std::uint32_t v) { put_int(v); }
    void put_bytes(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    void reserve(std::size_t count) { bytes_.reserve(count); }
    std::size_t size() const { return bytes_.size(); }
    std::vector<std::uint8_t>& buffer() { return bytes_; }
    ByteView view() const { return bytes_; }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

// Reads from a view. After the first read past the end it is failed() and returns zeros: callers
// check once, at the end of a message.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    template <class Int>
    Int take_int() {
        if (!need(sizeof(Int)))
            return 0;
        const Int value = load_be<Int>(bytes_.data() + at_);
        at_ += sizeof(Int);
        return value;
    }
    std::int8_t take_i8() { return take_int<std::int8_t>(); }
    std::int16_t take_i16() { return take_int<std::int16_t>(); }
    std::int32_t take_i32() { return take_int<std::int32_t>(); }
    std::int64_t take_i64() { return take_int<std::int64_t>(); }
    std::uint32_t take_u32() { return take_int<std::uint32_t>(); }
    ByteView take_bytes(std::size_t count) {
        if (!need(count))
            return {};
        const ByteView part = bytes_.subspan(at_, count);
        at_ += count;
        return part;
    }

    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    std::size_t position() const { return at_; }
    std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - at_; }

  private:
    bool need(std::size_t count) {
        if (failed_ || bytes_.size() - at_ < count)
            failed_ = true;
        return !failed_;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace bsim
