//go:build !linux

package main

func programPages() []mapping { return nil }

func drop([]mapping) {}
